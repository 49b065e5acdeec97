/** States of a map's things, as they are said and coloured. */
import { msg } from "@lingui/core/macro";
import type { MessageDescriptor } from "@lingui/core";
import { kindBy } from "@/kinds";
import type { Tone } from "@/lib/tone";
import type { MapNode, State } from "./graph";

export const TONES: Record<State, Tone> = { healthy: "ok", progressing: "busy", failing: "bad", off: "idle", "": "idle" };

export const STATE_WORDS: Record<Exclude<State, "">, MessageDescriptor> = {
  failing: msg`Failing`, progressing: msg`Under way`, healthy: msg`Healthy`, off: msg`Off`,
};

/** Of a kind, as in the addresses of its pages. */
export const kindId = ({ group, plural }: MapNode) => kindBy(group, plural)?.id ?? `${plural}.${group}`;

/** What the address says of the thing that is open. */
export const addressOfNode = (node: MapNode) => `${kindId(node)}/${node.namespace}/${node.name}`;
