/** The object as it is in the API. */
import { stringify } from "yaml";
import type { KubeObject } from "@/api/kube";
import type { Shown } from "@/kinds";

export function YamlTab({ object }: Shown) {
  return (
    <pre className="mono" tabIndex={0} style={{ margin: 0, overflow: "auto" }}>
      {stringify(plain(object))}
    </pre>
  );
}

/** Without what only controllers read. */
function plain(object: KubeObject): KubeObject {
  const metadata: KubeObject["metadata"] & { managedFields?: unknown } = { ...object.metadata };
  delete metadata.managedFields;
  return { ...object, metadata };
}
