/** The same as the map, as a table: for who does not see it, and for who searches. */
import { Trans, useLingui } from "@lingui/react/macro";
import { kindBy } from "@/kinds";
import { Empty, IconTopologyStar3, Status, Table } from "@/ui";
import { type Graph, leadsTo, type ShownNode, STATES } from "./graph";
import { STATE_WORDS, TONES } from "./words";

const MOST = 6;

export function ListView({ graph, open }: { graph: Graph; open: (node: ShownNode) => void }) {
  const { t } = useLingui();
  const next = leadsTo(graph);
  const nameOf = (node: ShownNode) => {
    const { count } = node;
    return node.name || t`${count} pods`;
  };
  const kindOf = (node: ShownNode) => {
    const kind = kindBy(node.group, node.plural);
    return kind ? t(kind.one) : node.kind;
  };
  return (
    <Table
      label={t`What there is, and what it leads to`}
      keyOf={(node) => node.id}
      rows={graph.nodes}
      filterFrom={Number.MAX_SAFE_INTEGER}
      sort={{ column: "state", descending: false }}
      empty={<Empty icon={IconTopologyStar3} title={<Trans>Nothing matches</Trans>} />}
      columns={[
        { id: "name", title: <Trans>Name</Trans>, value: nameOf, cell: (node) => <button type="button" className="link-button" onClick={() => open(node)}>{nameOf(node)}</button> },
        { id: "kind", title: <Trans>Kind</Trans>, value: kindOf },
        {
          id: "state", title: <Trans>State</Trans>, value: (node) => (node.status ? STATES.indexOf(node.status) : STATES.length),
          cell: (node) => !node.exists ? <Status value={t`Missing`} tone="bad" /> : node.status ? <Status value={node.detail || t(STATE_WORDS[node.status])} tone={TONES[node.status]} /> : node.detail || "–",
        },
        { id: "pods", title: <Trans>Pods</Trans>, value: (node) => node.pods?.count, align: "end" },
        { id: "leads", title: <Trans>Leads to</Trans>, cell: (node) => <Leads to={next.get(node.id) ?? []} say={(each) => `${kindOf(each)} ${nameOf(each)}`} /> },
      ]}
    />
  );
}

function Leads({ to, say }: { to: ShownNode[]; say: (node: ShownNode) => string }) {
  if (!to.length) return "–";
  const more = to.length - MOST;
  return (
    <>
      {to.slice(0, MOST).map(say).join(" · ")}
      {more > 0 && <span className="dim"> <Trans>and {more} more</Trans></span>}
    </>
  );
}
