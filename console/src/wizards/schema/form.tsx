/** The form of any kind that the cluster describes: its own resources and those that others have added. */
import { msg } from "@lingui/core/macro";
import { schemasOf } from "@/api/openapi";
import type { KindInfo } from "@/kinds";
import type { Form } from "../engine/form";
import { Basics } from "../fields/Basics";
import { type Field, fieldsOfKind, type Schemas } from "./model";
import { SchemaFields } from "./SchemaFields";

/** By its schema, or, if the cluster does not tell it, by name and YAML. */
export async function schemaForm(cluster: string, kind: KindInfo): Promise<Form> {
  const version = kind.group ? `${kind.group}/${kind.version}` : kind.version;
  const document = (await schemasOf(cluster, version)) as { components?: { schemas?: Schemas } } | undefined;
  const fields = fieldsOfKind(document?.components?.schemas ?? {}, kind.group, kind.version, kind.kind) ?? [];
  return formOf(kind, fields);
}

/** Where a form with nothing in it helps little. */
const BEGINNINGS: Record<string, Record<string, unknown>> = {
  resourcequotas: { spec: { hard: { pods: "10" } } },
  limitranges: { spec: { limits: [{ type: "Container", default: { cpu: "500m", memory: "256Mi" }, defaultRequest: { cpu: "50m", memory: "64Mi" } }] } },
};

function formOf(kind: KindInfo, fields: Field[]): Form {
  const Settings = () => <SchemaFields fields={fields} path={[]} />;
  const settings = { id: "settings", title: msg`Settings`, owns: (_: string, field: string) => !field.startsWith("metadata"), component: Settings };
  return {
    steps: () => [{ id: "basics", title: msg`Basics`, owns: () => true, component: Basics }, ...(fields.length ? [settings] : [])],
    blank: (namespace) => [
      {
        apiVersion: kind.group ? `${kind.group}/${kind.version}` : kind.version,
        kind: kind.kind,
        metadata: { name: "", ...(kind.namespaced && namespace ? { namespace } : {}) },
        ...BEGINNINGS[kind.id],
      },
    ],
    ready: (docs) => Boolean(docs[0]?.metadata?.name),
  };
}
