/** Who did what, when and from where: searched, with what was changed, and taken away as a file. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Loading } from "@/app/Loading";
import type { Schemas } from "@/api/ask";
import { platform, type Query, search as asSearch } from "@/api/client";
import { useSearchState } from "@/router/Go";
import { useScope } from "@/router/scope";
import { Age, Button, Card, Empty, Fault, IconDownload, IconHistory, Page, Select, Status, Table, TextInput, UnstyledButton, useDebouncedValue } from "@/ui";
import { showEvent } from "./EventDetails";
import { type AuditEvent, objectOf, OUTCOMES, toneOfOutcome } from "./words";

const FIELDS = ["user", "action", "resource", "outcome", "since", "text"] as const;
const PAGE = 100;
const WAIT = 250;

export default function AuditPage() {
  const { t } = useLingui();
  const scope = useScope();
  const [search] = useSearchState();
  const query: Query = {
    ...Object.fromEntries(FIELDS.map((field) => [field, search[field]])),
    ...(scope.level === "workspace" ? { workspace: scope.workspace } : scope.level === "project" ? { namespace: scope.namespace, cluster: scope.cluster } : {}),
  };
  const known = scope.level !== "project" || scope.namespace !== "";
  const found = useInfiniteQuery({
    queryKey: ["audit", query],
    queryFn: ({ pageParam, signal }) => platform<Schemas["AuditPage"]>("GET", "/audit", { query: { ...query, limit: PAGE, continue: pageParam }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.continue || undefined,
    enabled: known,
  });
  const events = found.data?.pages.flatMap((page) => page.items);
  return (
    <Page
      title={t`Audit`}
      actions={
        <Button component="a" variant="default" leftSection={<IconDownload size={15} />} href={`/platform/v1/audit/export${asSearch(query)}`} download="audit.jsonl">
          <Trans>Export</Trans>
        </Button>
      }
      toolbar={<Filters />}
    >
      <Card flush>
        {found.error ? <Fault error={found.error} retry={() => void found.refetch()} /> : !events ? <Loading /> : <Events events={events} />}
      </Card>
      {found.hasNextPage && (
        <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          <Trans>Older ones</Trans>
        </Button>
      )}
    </Page>
  );
}

function Filters() {
  const { t } = useLingui();
  const [search, change] = useSearchState();
  return (
    <>
      <Words field="user" label={t`User`} />
      <Words field="action" label={t`Action`} hint="create, delete, login" />
      <Words field="resource" label={t`Resource`} hint="deployments" />
      <Select aria-label={t`Outcome`} placeholder={t`Any outcome`} w={140} clearable data={Object.entries(OUTCOMES).map(([value, label]) => ({ value, label: t(label) }))} value={search.outcome ?? null} onChange={(outcome) => change({ outcome: outcome ?? undefined })} />
      <Select
        aria-label={t`Time`} placeholder={t`Any time`} w={150} clearable
        data={[{ value: "1h", label: t`Last hour` }, { value: "24h", label: t`Last 24 hours` }, { value: "168h", label: t`Last 7 days` }, { value: "720h", label: t`Last 30 days` }]}
        value={search.since ?? null}
        onChange={(since) => change({ since: since ?? undefined })}
      />
      <Words field="text" label={t`Text`} />
    </>
  );
}

/** Written into the address when typing pauses. */
function Words({ field, label, hint }: { field: string; label: string; hint?: string }) {
  const [search, change] = useSearchState();
  const [words, setWords] = useState(search[field] ?? "");
  const [settled] = useDebouncedValue(words, WAIT);
  useEffect(() => change({ [field]: settled || undefined }), [field, settled, change]);
  return <TextInput w={150} aria-label={label} placeholder={hint ? `${label}: ${hint}` : label} value={words} onChange={(event) => setWords(event.currentTarget.value)} />;
}

function Events({ events }: { events: AuditEvent[] }) {
  const { t } = useLingui();
  return (
    <Table
      label={t`Audit`}
      filterFrom={Infinity}
      rows={events}
      keyOf={(row) => row.id}
      columns={[
        { id: "time", title: t`Time`, cell: (row) => <Age since={row.time} /> },
        { id: "user", title: t`User`, cell: (row) => row.user || <span className="dim">–</span> },
        {
          id: "action", title: t`Action`,
          cell: (row) => <Opener event={row} />,
        },
        { id: "object", title: t`Object`, cell: objectOf },
        { id: "place", title: t`Place`, cell: (row) => row.namespace || row.workspace || <span className="dim">–</span> },
        { id: "outcome", title: t`Outcome`, cell: (row) => <Status value={OUTCOMES[row.outcome] ? t(OUTCOMES[row.outcome]!) : row.outcome} tone={toneOfOutcome(row.outcome)} /> },
        { id: "address", title: t`From`, cell: (row) => <span className="mono">{row.address}</span> },
      ]}
      empty={<Empty icon={IconHistory} title={<Trans>Nothing was found</Trans>}><Trans>You see your own deeds, and those of others where your roles let you.</Trans></Empty>}
    />
  );
}

function Opener({ event }: { event: AuditEvent }) {
  const { t } = useLingui();
  const { action } = event;
  const object = objectOf(event);
  return (
    <UnstyledButton c="var(--accent-text)" fz="inherit" mih={24} onClick={() => showEvent(event)} aria-label={t`Details of ${action} ${object}`}>
      {action}
    </UnstyledButton>
  );
}
