/** What an object says of itself, as a tree with what its schema says of each field. For kinds without a page of their own. */
import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { schemasOf } from "@/api/openapi";
import type { Shown } from "@/kinds";
import { type Twig, twigsOf } from "@/lib/outline";
import { nodeAt, rootOf } from "@/lib/schema";
import { Age, Card } from "@/ui";
import styles from "./Outline.module.css";

/** What other parts of the page tell. */
const ELSEWHERE = new Set(["apiVersion", "kind", "metadata"]);
/** So deep, everything stands open. */
const OPEN = 2;

export default function Outline({ object, scope }: Shown) {
  const { data } = useQuery({ queryKey: ["schema", scope.cluster, object.apiVersion], queryFn: async () => (await schemasOf(scope.cluster, object.apiVersion)) ?? {}, staleTime: 60_000 });
  const schemas = data ?? {};
  const root = rootOf(schemas, object.apiVersion, object.kind);
  const parts = Object.entries(object).filter(([key, value]) => !ELSEWHERE.has(key) && value !== null && value !== undefined);
  return parts.map(([key, value]) => {
    const twigs = typeof value === "object" && !Array.isArray(value) ? twigsOf(withoutConditions(key, value as Record<string, unknown>), nodeAt(schemas, root, [key]), schemas) : twigsOf({ [key]: value }, root, schemas);
    if (twigs.length === 0) return null;
    return (
      <Card key={key} title={key === "spec" ? <Trans>What is wanted (spec)</Trans> : key === "status" ? <Trans>How it is (status)</Trans> : key}>
        <Twigs of={twigs} depth={0} />
      </Card>
    );
  });
}

/** They have a table of their own. */
const withoutConditions = (key: string, value: Record<string, unknown>) =>
  key === "status" ? Object.fromEntries(Object.entries(value).filter(([field]) => field !== "conditions")) : value;

function Twigs({ of, depth }: { of: Twig[]; depth: number }) {
  return (
    <ul className={styles.twigs}>
      {of.map(({ key, description, text, isMoment, twigs }, index) => (
        <li key={`${key}/${index}`}>
          {twigs ? (
            <details open={depth < OPEN}>
              <summary title={description}>{key}</summary>
              {description && <p className="dim">{description}</p>}
              <Twigs of={twigs} depth={depth + 1} />
            </details>
          ) : (
            <div className={styles.leaf}>
              <span title={description}>{key}</span>
              <span className="mono">{isMoment ? <Age since={text} /> : text}</span>
              {description && <span className="dim">{description}</span>}
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
