/** The pages that create and edit objects of any kind. */
import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { Loading } from "@/app/Loading";
import { getObject } from "@/api/kube";
import { useKind } from "@/features/kinds/useKind";
import type { KindInfo } from "@/kinds";
import { useSearchState } from "@/router/Go";
import { type Scope, useScope } from "@/router/scope";
import { Empty, Fault, IconSearch } from "@/ui";
import type { Form } from "./engine/form";
import { Wizard } from "./engine/Wizard";
import { formFor } from "./forms";
import { copied, editable } from "./model/object";

interface Inside {
  kind: KindInfo;
  scope: Scope;
  form: Form;
}

function Ready({ children }: { children: (inside: Inside) => ReactNode }) {
  const found = useScope();
  const [search] = useSearchState();
  const { kind: id } = useParams({ strict: false }) as { kind: string };
  const { kind, error, loading } = useKind(found.cluster, id);
  const scope = useMemo(() => ({ ...found, namespace: found.namespace || (search.ns ?? "") }), [found, search.ns]);
  const form = useQuery({
    queryKey: ["form", scope.cluster, kind?.id],
    queryFn: () => formFor(scope.cluster, kind!),
    enabled: kind !== undefined,
    staleTime: Infinity,
  });
  if (error || form.error) return <Fault error={error ?? form.error} />;
  if (loading || (kind && !form.data) || (found.level === "project" && !found.namespace)) return <Loading />;
  if (!kind) return <Empty icon={IconSearch} title={<Trans>This cluster has no “{id}”</Trans>} />;
  return children({ kind, scope, form: form.data! });
}

export function CreatePage() {
  return <Ready>{(inside) => <Create key={`${inside.scope.base}/${inside.kind.id}`} {...inside} />}</Ready>;
}

function Create({ kind, scope, form }: Inside) {
  const [{ from }] = useSearchState();
  const blank = useMemo(() => form.blank(kind.namespaced ? scope.namespace : ""), [form, kind, scope.namespace]);
  const { data, error } = useQuery({
    queryKey: ["copy", scope.cluster, kind.id, scope.namespace, from],
    queryFn: async () => [copied(await getObject(scope.cluster, kind, scope.namespace, from!))],
    enabled: Boolean(from),
    staleTime: Infinity,
  });
  if (error) return <Fault error={error} />;
  if (from && !data) return <Loading />;
  return <Wizard kind={kind} scope={scope} form={form} docs={data ?? blank} editing={false} />;
}

export function EditPage() {
  return <Ready>{(inside) => <Edit {...inside} />}</Ready>;
}

function Edit({ kind, scope, form }: Inside) {
  const { name } = useParams({ strict: false }) as { name: string };
  const { data, error } = useQuery({
    queryKey: ["edit", scope.cluster, kind.id, scope.namespace, name],
    queryFn: async () => [editable(await getObject(scope.cluster, kind, scope.namespace, name))],
    staleTime: Infinity,
    gcTime: 0,
  });
  if (error) return <Fault error={error} />;
  if (!data) return <Loading />;
  return <Wizard key={data[0]!.metadata.uid} kind={kind} scope={scope} form={form} docs={data} editing />;
}
