/** Where somebody is signed in; each session, or all, can be ended. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked, useRefresh } from "@/api/ask";
import { platform, segment } from "@/api/client";
import { Age, Badge, Button, Card, confirm, Empty, IconDeviceDesktop, type Permission, PermittedButton, Table, told } from "@/ui";

const MINE: Permission = { allowed: true };

export function Sessions({ path, can = MINE, mine }: { path: string; can?: Permission; mine?: boolean }) {
  const { t } = useLingui();
  const found = useAsked<Schemas["Sessions"]>(path);
  const refresh = useRefresh();
  const end = async (target: string) => {
    await platform("DELETE", target);
    told(<Trans>It is ended.</Trans>);
    await refresh();
  };
  const all = () =>
    confirm({
      title: mine ? <Trans>End your other sessions?</Trans> : <Trans>End all sessions?</Trans>,
      children: <Trans>Whoever uses them has to sign in again.</Trans>,
      action: <Trans>End them</Trans>,
      danger: true,
      run: () => end(path),
    });
  const one = (name: string) =>
    confirm({ title: <Trans>End this session?</Trans>, children: <Trans>Whoever uses it has to sign in again.</Trans>, action: <Trans>End it</Trans>, danger: true, run: () => end(`${path}/${segment(name)}`) });
  return (
    <Card
      flush
      title={<Trans>Sessions</Trans>}
      actions={<PermittedButton can={can} variant="default" onClick={all}>{mine ? <Trans>End all others</Trans> : <Trans>End all</Trans>}</PermittedButton>}
    >
      <Answer of={found}>
        {({ items }) => (
          <Table
            label={t`Sessions`}
            rows={items}
            keyOf={(row) => row.name}
            columns={[
              { id: "agent", title: t`Program`, value: (row) => row.agent, cell: (row) => <span title={row.agent}>{row.client || browserOf(row.agent)} {row.current && <Badge variant="light" tt="none"><Trans>This one</Trans></Badge>}</span> },
              { id: "address", title: t`From`, value: (row) => row.address, cell: (row) => <span className="mono">{row.address}</span> },
              { id: "created", title: t`Signed in`, value: (row) => row.created, cell: (row) => <Age since={row.created} /> },
              { id: "seen", title: t`Last seen`, value: (row) => row.seen, cell: (row) => <Age since={row.seen} /> },
              {
                id: "actions", title: <span className="sr-only">{t`Actions`}</span>, align: "end", narrow: true,
                cell: (row) => !row.current && can.allowed && <Button variant="subtle" color="red" onClick={() => one(row.name)}><Trans>End</Trans></Button>,
              },
            ]}
            empty={<Empty icon={IconDeviceDesktop} title={<Trans>Signed in nowhere</Trans>} />}
          />
        )}
      </Answer>
    </Card>
  );
}

/** The browser's own name, out of all the others that a User-Agent lists. */
function browserOf(agent: string): string {
  const found = /(Firefox|Edg|OPR|Chrome|Safari)\/(\d+)/.exec(agent);
  return found ? `${found[1] === "Edg" ? "Edge" : found[1] === "OPR" ? "Opera" : found[1]} ${found[2]}` : agent.split(" ")[0] || "–";
}
