/** An object that needs attention, as a link to it. */
import type { Needing as Item } from "@/api/attention";
import { addressOf } from "@/kinds";
import { Go } from "@/router/Go";
import { scopeOf } from "@/router/scope";

export function Needing({ item: { ref, cluster, workspace, project }, onClick }: { item: Item; onClick?: () => void }) {
  const scope = project ? scopeOf({ workspace, cluster, project }, ref.namespace) : scopeOf({ cluster });
  const [path, search] = addressOf(scope, ref.group, ref.plural, ref.namespace, ref.name).split("?");
  return (
    <>
      <Go to={path!} search={Object.fromEntries(new URLSearchParams(search))} onClick={onClick}>
        {ref.name}
      </Go>{" "}
      <span className="dim" style={{ whiteSpace: "nowrap" }}>{[ref.kind, ref.namespace].filter(Boolean).join(" · ")}</span>
    </>
  );
}

export const keyOf = ({ cluster, ref }: Item) => [cluster, ref.kind, ref.namespace, ref.name].join("/");
