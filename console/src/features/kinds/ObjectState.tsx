/** Another object as a row: its kind, its name, how it is. */
import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "@/api/ask";
import { kindBy } from "@/kinds";
import type { Tone } from "@/lib/tone";
import type { Scope } from "@/router/scope";
import { Status } from "@/ui";
import { ObjectLink } from "./ObjectLink";

const TONES: Record<string, Tone> = { healthy: "ok", progressing: "busy", failing: "bad", off: "idle" };

interface Props {
  relation?: string;
  /** Where one is not to leave: without the way to its page. */
  plain?: boolean;
  of: Schemas["ShownRelated"];
  scope: Scope;
  /** Where it is if it does not say so itself. */
  namespace?: string;
}

export function ObjectState({ relation, plain, of: { ref, status, detail, known }, scope, namespace }: Props) {
  const { t } = useLingui();
  const kind = kindBy(ref.group ?? "", ref.plural ?? "");
  const place = ref.namespace || (kind?.namespaced ? namespace : "");
  return (
    <tr>
      <td>
        {kind ? t(kind.one) : ref.kind} {relation && <span className="dim">({relation})</span>}
      </td>
      <td>{ref.plural && known && !plain ? <ObjectLink scope={scope} group={ref.group} plural={ref.plural} namespace={place} name={ref.name} /> : ref.name}</td>
      <td><State known={known} status={status} detail={detail} /></td>
    </tr>
  );
}

function State({ known, status, detail }: Pick<Schemas["ShownRelated"], "known" | "status" | "detail">) {
  const { t } = useLingui();
  if (known === false) return <Status value={t`Missing`} tone="warn" />;
  if (status) return <Status value={detail ?? ""} tone={TONES[status]} />;
  return detail || <span className="dim">–</span>;
}
