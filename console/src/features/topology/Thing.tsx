/** One thing on the map: its kind, its name, how it is, and how many pods stand behind it. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { type FocusEvent, memo } from "react";
import { kindBy } from "@/kinds";
import { IconAlertTriangle, IconChevronDown, IconChevronRight, IconPackage } from "@/ui";
import { Handle, type FlowNode, type NodeProps, Position, useReactFlow } from "@/ui/flow";
import type { ShownNode } from "./graph";
import { STATE_WORDS, TONES } from "./words";
import { SIZE } from "./layout";
import styles from "./Thing.module.css";

export interface ThingData extends Record<string, unknown> {
  node: ShownNode;
  isOpen: boolean;
  isUnfolded: boolean;
  open: (node: ShownNode) => void;
  toggle: (id: string) => void;
}

const SIGNS = { ok: "✓", busy: "…", bad: "!", warn: "?", idle: "–" };

export const Thing = memo(function Thing({ data, positionAbsoluteX: x, positionAbsoluteY: y }: NodeProps<FlowNode<ThingData>>) {
  const { node, isOpen, isUnfolded, open, toggle } = data;
  const { t } = useLingui();
  const flow = useReactFlow();
  const kind = kindBy(node.group, node.plural);
  const Icon = kind?.icon ?? IconPackage;
  const one = kind ? t(kind.one) : node.kind;
  const state = node.status && t(STATE_WORDS[node.status]);
  const detail = node.exists ? node.detail || state : t`Missing`;
  const count = node.count;
  const name = node.name || t`${count} pods`;
  // Whoever goes from thing to thing by keys sees where they are.
  const bring = (event: FocusEvent) => {
    if (event.currentTarget.matches(":focus-visible")) void flow.setCenter(x + SIZE.width / 2, y + SIZE.height / 2, { zoom: Math.max(flow.getZoom(), 0.7) });
  };
  return (
    <div className={styles.thing} data-tone={TONES[node.status]} data-open={isOpen || undefined} data-beside={node.isBeside || undefined} data-missing={!node.exists || undefined}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <button type="button" className={styles.main} title={name} aria-pressed={isOpen} onClick={() => open(node)} onFocus={bring}>
        <i className={styles.sign} aria-hidden>{node.exists ? node.status ? SIGNS[TONES[node.status]] : <Icon size={16} stroke={1.6} /> : <IconAlertTriangle size={15} />}</i>
        <span className={styles.text}>
          <b className="clip">{name}</b>{" "}
          <span className="clip"><Icon size={13} aria-hidden /> {detail && `${detail} · `}{one}{state && state !== detail && <span className="sr-only">{state}</span>}</span>
        </span>
      </button>
      {node.pods && (
        <button type="button" className={styles.pods} data-tone={TONES[node.pods.status]} aria-expanded={isUnfolded} title={isUnfolded ? t`Hide the pods of ${name}` : t`Show the pods of ${name}`} onClick={() => toggle(node.id)}>
          <span className="sr-only"><Trans>Pods of {name}:</Trans> </span>
          <Plural value={node.pods.count} one="# pod" other="# pods" />
          {isUnfolded ? <IconChevronDown size={12} aria-hidden /> : <IconChevronRight size={12} aria-hidden />}
        </button>
      )}
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
});
