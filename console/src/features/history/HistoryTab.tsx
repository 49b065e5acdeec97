/** What an object was: its versions, how any two differ, and the way back to one of them. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked, useRefresh } from "@/api/ask";
import { platform } from "@/api/client";
import type { Shown } from "@/kinds";
import { Age, Button, Card, confirm, Empty, IconArrowBackUp, IconHistory, Radio, Table, told, Unified } from "@/ui";
import { historyPath } from "./path";
import { RestorePreview } from "./RestorePreview";

type Version = Schemas["VersionItem"];

export default function HistoryTab({ scope, kind, object }: Shown) {
  const { name, namespace = "" } = object.metadata;
  const path = historyPath(scope.cluster, { group: kind.group, version: kind.version, resource: kind.plural, namespace, name });
  const found = useAsked<Schemas["VersionList"]>(path);
  return <Answer of={found}>{({ items }) => <Versions path={path} name={name} versions={items} />}</Answer>;
}

function Versions({ path, name, versions }: { path: string; name: string; versions: Version[] }) {
  const { t } = useLingui();
  const refresh = useRefresh();
  const [from, setFrom] = useState<number>();
  const [to, setTo] = useState<number>();
  const newest = versions[0]?.number ?? 0;
  const later = to ?? newest;
  const earlier = from ?? versions.find((version) => version.number < later)?.number ?? later;
  const words: Record<string, string> = { created: t`Created`, updated: t`Changed`, found: t`First seen` };
  const restore = (number: number) =>
    confirm({
      title: <Trans>Make {name} as it was in version {number}?</Trans>,
      size: 680,
      form: (send) => (
        <RestorePreview
          path={path}
          number={number}
          send={(resourceVersion) =>
            send(async () => {
              await platform("POST", `${path}/restore`, { body: { number, dependants: true, resourceVersion } });
              told(<Trans>{name} is as it was in version {number}.</Trans>);
              await refresh();
            })
          }
        />
      ),
    });
  const choice = (chosen: number, choose: (number: number) => void, label: (number: number) => string) => (row: Version) => (
    <Radio aria-label={label(row.number)} checked={row.number === chosen} onChange={() => choose(row.number)} />
  );
  return (
    <>
      <Card title={<Trans>Versions</Trans>} flush>
        <Table
          label={t`Versions`}
          rows={versions}
          keyOf={(row) => `${row.uid}/${row.number}`}
          columns={[
            { id: "from", title: t`From`, narrow: true, cell: choice(earlier, setFrom, (number) => t`Compare from version ${number}`) },
            { id: "to", title: t`To`, narrow: true, cell: choice(later, setTo, (number) => t`Compare to version ${number}`) },
            { id: "number", title: t`Version`, value: (row) => row.number },
            { id: "time", title: t`Time`, value: (row) => row.time, cell: (row) => <Age since={row.time} /> },
            { id: "change", title: t`Change`, value: (row) => words[row.change] ?? row.change },
            { id: "by", title: t`By`, value: (row) => row.by || row.manager },
            { id: "fields", title: t`Fields`, value: (row) => row.fields.join(", "), cell: (row) => <span className="mono">{row.fields.join(", ") || "–"}</span> },
            {
              id: "actions", title: <span className="sr-only">{t`Actions`}</span>, align: "end", narrow: true,
              cell: (row) => row.number !== newest && <Button variant="default" leftSection={<IconArrowBackUp size={14} />} onClick={() => restore(row.number)}><Trans>Restore</Trans></Button>,
            },
          ]}
          empty={<Empty icon={IconHistory} title={<Trans>No versions are kept</Trans>}><Trans>Changes are recorded from the moment the platform sees them.</Trans></Empty>}
        />
      </Card>
      {earlier !== later && <Compared path={path} from={earlier} to={later} />}
    </>
  );
}

function Compared({ path, from, to }: { path: string; from: number; to: number }) {
  const asked = useAsked<Schemas["Diff"]>(`${path}/diff`, { from, to }, false);
  return (
    <Card title={<Trans>From version {from} to version {to}</Trans>}>
      <Answer of={asked}>{({ text }) => <Unified text={text} />}</Answer>
    </Card>
  );
}
