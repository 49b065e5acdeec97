/** The map itself: panned and zoomed by mouse, touch and keys. */
import { useLingui } from "@lingui/react/macro";
import { type KeyboardEvent, useEffect, useEffectEvent, useMemo } from "react";
import { ActionIcon, IconFocus, IconMinus, IconPlus } from "@/ui";
import { type FlowEdge, type FlowNode, getViewportForBounds, MiniMap, Position, ReactFlow, ReactFlowProvider, useReactFlow, useStore } from "@/ui/flow";
import type { Graph, ShownNode, State } from "./graph";
import { boundsOf, layout, SIZE } from "./layout";
import { Thing, type ThingData } from "./Thing";
import styles from "./Map.module.css";

interface Props {
  graph: Graph;
  /** What the map is of: when it is of something else, all of it is brought into view. */
  subject: string;
  current?: string;
  open: (node: ShownNode) => void;
  unfolded: "all" | ReadonlySet<string>;
  toggle: (id: string) => void;
}

const TYPES = { thing: Thing };
const CLOSEST = 1.6;
const FARTHEST = 0.05;
/** Below this nobody can read names: signs alone are drawn, larger. */
const FAR = 0.5;
const STEP = 80;
const MARGIN = 0.06;
const FILLS: Record<State, string> = { failing: "var(--bad)", progressing: "var(--busy)", healthy: "var(--ok)", off: "var(--idle)", "": "var(--line-strong)" };
const SIDES = [
  { type: "target" as const, position: Position.Left, x: 0, y: SIZE.height / 2, width: 1, height: 1 },
  { type: "source" as const, position: Position.Right, x: SIZE.width, y: SIZE.height / 2, width: 1, height: 1 },
];

export function MapView(props: Props) {
  return (
    <ReactFlowProvider>
      <Drawn {...props} />
    </ReactFlowProvider>
  );
}

function Drawn({ graph, subject, current, open, unfolded, toggle }: Props) {
  const { t } = useLingui();
  const flow = useReactFlow();
  const isFar = useStore((state) => state.transform[2] < FAR);
  const shape = shapeOf(graph);
  // States change often and places do not: the layout is only made anew for other nodes or edges.
  const places = useMemo(() => layout(JSON.parse(shape) as ReturnType<typeof linksOf>), [shape]);
  const nodes = useMemo(
    () =>
      graph.nodes.map((node): FlowNode<ThingData> => ({
        id: node.id, type: "thing", position: places.get(node.id) ?? { x: 0, y: 0 }, ...SIZE, handles: SIDES,
        data: { node, isOpen: node.id === current, isUnfolded: unfolded === "all" || unfolded.has(node.id), open, toggle },
      })),
    [graph, places, current, unfolded, open, toggle],
  );
  const edges = useMemo(
    () =>
      graph.edges.map(({ from, to, kind }): FlowEdge => ({
        id: `${from} ${to}`, source: from, target: to, focusable: false,
        className: kind === "mounts" || kind === "uses" ? styles.uses : undefined,
        zIndex: from === current || to === current ? 1 : 0,
        selected: from === current || to === current,
      })),
    [graph, current],
  );
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  // The library's own fit waits until every node has been drawn, and those out of sight never are.
  const fit = () => void flow.setViewport(getViewportForBounds(boundsOf(places), width, height, FARTHEST, 1, MARGIN));
  const fitNow = useEffectEvent(fit);
  const isMeasured = width > 0 && height > 0;
  useEffect(() => {
    if (isMeasured) fitNow();
  }, [subject, isMeasured]);
  const pan = (x: number, y: number) => {
    const view = flow.getViewport();
    void flow.setViewport({ ...view, x: view.x + x, y: view.y + y });
  };
  const keys: Record<string, () => void> = {
    ArrowLeft: () => pan(STEP, 0), ArrowRight: () => pan(-STEP, 0), ArrowUp: () => pan(0, STEP), ArrowDown: () => pan(0, -STEP),
    "+": () => void flow.zoomIn(), "=": () => void flow.zoomIn(), "-": () => void flow.zoomOut(), "0": fit,
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const does = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  };
  return (
    <div className={styles.map} data-far={isFar || undefined}>
      <section className={styles.area} aria-label={t`Map; arrow keys move it, + and - zoom, 0 shows all of it`} tabIndex={0} onKeyDown={onKeyDown}>
        <ReactFlow
          nodes={nodes} edges={edges} nodeTypes={TYPES} minZoom={FARTHEST} maxZoom={CLOSEST}
          nodesDraggable={false} nodesConnectable={false} nodesFocusable={false} edgesFocusable={false} elementsSelectable={false}
          onlyRenderVisibleElements disableKeyboardA11y deleteKeyCode={null} selectionKeyCode={null} multiSelectionKeyCode={null}
          panActivationKeyCode={null} zoomActivationKeyCode={null} zoomOnDoubleClick={false} proOptions={{ hideAttribution: true }}
        >
          <MiniMap pannable className={styles.mini} ariaLabel={t`Overview of the map`} nodeColor={(node) => FILLS[(node.data as unknown as ThingData).node.status]} />
        </ReactFlow>
      </section>
      <div className={styles.zoom} role="group" aria-label={t`Zoom`}>
        <ActionIcon variant="default" aria-label={t`Zoom in`} onClick={() => void flow.zoomIn()}><IconPlus size={16} /></ActionIcon>
        <ActionIcon variant="default" aria-label={t`Zoom out`} onClick={() => void flow.zoomOut()}><IconMinus size={16} /></ActionIcon>
        <ActionIcon variant="default" aria-label={t`Show all of it`} onClick={fit}><IconFocus size={16} /></ActionIcon>
      </div>
    </div>
  );
}

const linksOf = ({ nodes, edges }: Graph) => ({ nodes: nodes.map(({ id }) => ({ id })), edges: edges.map(({ from, to }) => ({ from, to })) });
const shapeOf = (graph: Graph) => JSON.stringify(linksOf(graph));
