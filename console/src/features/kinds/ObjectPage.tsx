/** An object as a page. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useParams } from "@tanstack/react-router";
import { Loading } from "@/app/Loading";
import { Go, useSearchState } from "@/router/Go";
import { useScope } from "@/router/scope";
import { Empty, Fault, IconChevronRight, IconSearch, Page } from "@/ui";
import type { KindInfo } from "@/kinds";
import { Actions } from "./Actions";
import { Details } from "./Details";
import { useKind } from "./useKind";
import { useObject } from "./useObject";

export default function ObjectPage() {
  const scope = useScope();
  const { kind: id } = useParams({ strict: false }) as { kind: string };
  const { kind, error, loading } = useKind(scope.cluster, id);
  if (error) return <Fault error={error} />;
  if (loading || (scope.level === "project" && !scope.namespace)) return <Loading />;
  if (!kind) return <Empty icon={IconSearch} title={<Trans>This cluster has no “{id}”</Trans>} />;
  return <Loaded kind={kind} />;
}

function Loaded({ kind }: { kind: KindInfo }) {
  const { t } = useLingui();
  const found = useScope();
  const [search] = useSearchState();
  const { name } = useParams({ strict: false }) as { name: string };
  const scope = { ...found, namespace: found.namespace || (search.ns ?? "") };
  const { object, error, loading } = useObject(scope.cluster, kind, scope.namespace, name);
  return (
    <Page
      name={name}
      title={
        <span style={{ display: "inline-flex", alignItems: "center", gap: 6 }}>
          <Go to={`${scope.base}/${kind.id}`}>{t(kind.many)}</Go> <IconChevronRight size={15} aria-hidden /> {name}
        </span>
      }
      actions={object && <Actions shown={{ scope, kind, object }} />}
      fill
    >
      {error ? <Fault error={error} /> : loading || !object ? <Loading /> : <Details shown={{ scope, kind, object }} />}
    </Page>
  );
}
