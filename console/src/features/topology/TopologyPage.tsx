/** What runs in a namespace and what hangs together: as a map, or as a list of the same. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useCallback, useMemo, useState } from "react";
import { type Schemas, useAsked } from "@/api/ask";
import { segment } from "@/api/client";
import { pathOf } from "@/api/kube";
import { useKube } from "@/api/useKube";
import { Answer } from "@/app/Answer";
import { ObjectPanel } from "@/features/kinds/ObjectPanel";
import { kindById, type KindInfo } from "@/kinds";
import { type Search, useGo, useSearchState } from "@/router/Go";
import { useScope } from "@/router/scope";
import { Alert, Button, Empty, IconSearch, IconTopologyStar3, MultiSelect, Page, SegmentedControl, Select, Status, Switch, TextInput, useDebouncedValue } from "@/ui";
import { fold, type Graph, narrow, type ShownNode, tally } from "./graph";
import { ListView } from "./ListView";
import { MapView } from "./MapView";
import { addressOfNode, kindId, STATE_WORDS, TONES } from "./words";
import styles from "./Map.module.css";

const OFTEN = 3000;
/** Up to here pods are shown as nodes unless somebody says otherwise. */
const FEW = 40;
const NAMESPACES = { group: "", version: "v1", plural: "namespaces", namespaced: false };

export default function TopologyPage() {
  const { t } = useLingui();
  const scope = useScope();
  const [search, change] = useSearchState();
  const isCluster = scope.level === "cluster";
  const namespace = isCluster ? search.ns || "default" : scope.namespace;
  const all = useKube(scope.cluster, isCluster ? pathOf(NAMESPACES) : "");
  const names = [...new Set([namespace, ...(all.data?.items ?? []).map((each) => each.metadata.name)])].sort();
  const path = namespace && `/clusters/${segment(scope.cluster)}/topology`;
  const asked = useAsked<Schemas["Topology"]>(path, { namespace }, OFTEN);
  return (
    <Page
      title={t`Topology`}
      aside={isCluster && <Select w={220} aria-label={t`Namespace`} searchable allowDeselect={false} data={names} value={namespace} onChange={(ns) => change({ ns: ns ?? undefined, open: undefined })} />}
      actions={
        <SegmentedControl
          size="xs" aria-label={t`Shown as`} value={search.view === "list" ? "list" : "map"} onChange={(view) => change({ view: view === "map" ? undefined : view })}
          data={[{ value: "map", label: t`Map` }, { value: "list", label: t`List` }]}
        />
      }
      fill
    >
      <Answer of={asked}>{(topology) => <Shown key={namespace} topology={topology} namespace={namespace} cluster={scope.cluster} />}</Answer>
    </Page>
  );
}

function Shown({ topology, namespace, cluster }: { topology: Schemas["Topology"]; namespace: string; cluster: string }) {
  const scope = useScope();
  const go = useGo();
  const [search, change] = useSearchState();
  const [words, setWords] = useState(search.q ?? "");
  const [q] = useDebouncedValue(words, 150);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const allPods = search.pods ? search.pods === "all" : topology.nodes.length <= FEW;
  const unfolded = allPods ? ("all" as const) : opened;
  const kinds = useMemo(() => (search.kinds ?? "").split(",").filter(Boolean), [search.kinds]);
  const folded = useMemo(() => fold(topology, unfolded), [topology, unfolded]);
  const graph = useMemo(() => narrow(folded, { words: q, kinds, state: search.state ?? "" }), [folded, q, kinds, search.state]);
  const open = useCallback(
    (node: ShownNode) => {
      if (node.name) change({ open: addressOfNode(node) });
      // Several pods as one node have no page of their own, but a list.
      else go(`${scope.base}/pods`, node.app ? { q: node.app } : undefined);
    },
    [change, go, scope.base],
  );
  const toggle = useCallback(
    (id: string) => {
      change({ pods: "few" });
      setOpened((before) => {
        const next = new Set(allPods ? topology.edges.filter(({ kind }) => kind === "owns").map(({ from }) => from) : before);
        if (!next.delete(id)) next.add(id);
        return next;
      });
    },
    [change, allPods, topology.edges],
  );
  const current = graph.nodes.find((node) => addressOfNode(node) === search.open);
  const [withheld, shown] = [topology.withheld.join(", "), graph.nodes.length];
  const panel = panelOf(search.open, current);
  const clear = () => {
    setWords("");
    change({ q: undefined, kinds: undefined, state: undefined });
  };
  return (
    <div style={{ display: "flex", flexDirection: "column", flex: 1, minWidth: 0, minHeight: 0 }}>
      <Bar graph={folded} words={words} setWords={(value) => { setWords(value); change({ q: value }); }} kinds={kinds} state={search.state} allPods={allPods} change={change} />
      {topology.withheld.length > 0 && <Alert role="status" color="gray" variant="light" mx="md" mb="xs" p="xs"><Trans>You may not see these kinds here: {withheld}</Trans></Alert>}
      <div className={styles.page}>
        {graph.nodes.length === 0 ? (
          topology.nodes.length ? (
            <Empty icon={IconSearch} title={<Trans>Nothing matches</Trans>} action={<Button variant="default" onClick={clear}><Trans>Clear the filter</Trans></Button>} />
          ) : (
            <Empty icon={IconTopologyStar3} title={<Trans>Nothing runs here yet</Trans>} action={<Button onClick={() => go(`${scope.base}/deployments/create`)}><Trans>Create a deployment</Trans></Button>}>
              <Trans>Routes, services, workloads and what they use are drawn here, with the ways that lead from one to the other.</Trans>
            </Empty>
          )
        ) : search.view === "list" ? (
          <div className={styles.list}><ListView graph={graph} open={open} /></div>
        ) : (
          <MapView graph={graph} subject={[cluster, namespace, q, search.kinds, search.state, search.pods].join("|")} current={current?.id} open={open} unfolded={unfolded} toggle={toggle} />
        )}
        {panel && <ObjectPanel key={search.open} kind={panel.kind} address={panel.address} close={() => change({ open: undefined })} />}
      </div>
      <p className="sr-only" role="status"><Trans>{shown} things are shown</Trans></p>
    </div>
  );
}

/** Of a kind that the console knows, else of what the map says of the thing. */
function panelOf(open: string | undefined, node: ShownNode | undefined): { kind: KindInfo; address: string } | undefined {
  const [id, namespace, name] = (open ?? "").split("/");
  const kind = kindById(id ?? "");
  if (!kind || !name) return undefined;
  return { kind, address: `${namespace || node?.namespace || ""}/${name}` };
}

interface BarProps {
  graph: Graph;
  words: string;
  setWords: (words: string) => void;
  kinds: string[];
  state?: string;
  allPods: boolean;
  change: (search: Search) => void;
}

function Bar({ graph, words, setWords, kinds, state, allPods, change }: BarProps) {
  const { t } = useLingui();
  const counts = tally(graph.nodes);
  const present = new Map(graph.nodes.map((node) => [node.plural, kindById(kindId(node))]));
  return (
    <div className={styles.bar}>
      <div className={styles.chips} role="group" aria-label={t`State`}>
        <button type="button" aria-pressed={!state} onClick={() => change({ state: undefined })}><Trans>All</Trans></button>
        {(Object.keys(STATE_WORDS) as (keyof typeof STATE_WORDS)[]).filter((each) => counts[each] || each === state).map((each) => (
          <button key={each} type="button" aria-pressed={each === state} onClick={() => change({ state: each === state ? undefined : each })}>
            <Status value={t(STATE_WORDS[each])} tone={TONES[each]} /> <b>{counts[each] ?? 0}</b>
          </button>
        ))}
      </div>
      <TextInput w={230} aria-label={t`Filter`} placeholder={t`Filter by name, kind or text`} leftSection={<IconSearch size={14} />} value={words} onChange={(event) => setWords(event.currentTarget.value)} />
      <MultiSelect
        w={260} aria-label={t`Kinds`} placeholder={kinds.length ? "" : t`All kinds`} clearable value={kinds} onChange={(chosen) => change({ kinds: chosen.join(",") })}
        data={[...present].map(([value, kind]) => ({ value, label: kind ? t(kind.many) : value }))}
      />
      <Switch label={t`Pods`} checked={allPods} onChange={(event) => change({ pods: event.currentTarget.checked ? "all" : "few" })} />
    </div>
  );
}
