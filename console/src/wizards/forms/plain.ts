/** Any kind that has no form of its own. */
import { msg } from "@lingui/core/macro";
import type { KindInfo } from "@/kinds";
import type { Form } from "../engine/form";
import { Basics } from "../fields/Basics";

export const plainForm = (kind: KindInfo): Form => ({
  steps: () => [{ id: "basics", title: msg`Basics`, owns: () => true, component: Basics }],
  blank: (namespace) => [
    {
      apiVersion: kind.group ? `${kind.group}/${kind.version}` : kind.version,
      kind: kind.kind,
      metadata: { name: "", ...(kind.namespaced && namespace ? { namespace } : {}) },
    },
  ],
  ready: (docs) => Boolean(docs[0]?.metadata?.name),
});
