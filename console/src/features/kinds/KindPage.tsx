/** The list of one kind. */
import { Trans } from "@lingui/react/macro";
import { useParams } from "@tanstack/react-router";
import { Loading } from "@/app/Loading";
import { useScope } from "@/router/scope";
import { Empty, Fault, IconSearch } from "@/ui";
import { KindList } from "./KindList";
import { useKind } from "./useKind";

export default function KindPage() {
  const scope = useScope();
  const id = (useParams({ strict: false }) as { kind: string }).kind;
  const { kind, error, loading } = useKind(scope.cluster, id);
  if (error) return <Fault error={error} />;
  if (loading || (scope.level === "project" && !scope.namespace)) return <Loading />;
  if (!kind) return <Empty icon={IconSearch} title={<Trans>This cluster has no “{id}”</Trans>} />;
  return <KindList key={`${scope.base}/${id}`} kind={kind} />;
}
