/** Making an object: a form where there is one, the YAML beside it, both always the same; tried before it is sent. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useParams } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { Loading } from "@/app/Loading";
import { platform, segment } from "@/api/client";
import type { components } from "@/api/gen";
import { ApiError, type Status } from "@/api/errors";
import type { KubeObject } from "@/api/kube";
import { schemasOf } from "@/api/openapi";
import { useKind } from "@/features/kinds/useKind";
import { addressOf, type KindInfo } from "@/kinds";
import { useGo } from "@/router/Go";
import { useScope } from "@/router/scope";
import { Button, Empty, Fault, IconCode, IconSearch, Page, SegmentedControl, told, YamlEditor } from "@/ui";
import { AsCode } from "./AsCode";
import { FORMS } from "./forms";
import { fromYaml, toYaml } from "./manifest";
import { begin, missing } from "./templates";
import styles from "./CreatePage.module.css";

type Applied = components["schemas"]["Applied"];

export default function CreatePage() {
  const scope = useScope();
  const { kind: id } = useParams({ strict: false }) as { kind: string };
  const { kind, error, loading } = useKind(scope.cluster, id);
  if (error) return <Fault error={error} />;
  if (loading || (scope.level === "project" && !scope.namespace)) return <Loading />;
  if (!kind) return <Empty icon={IconSearch} title={<Trans>This cluster has no “{id}”</Trans>} />;
  return <Wizard key={kind.id} kind={kind} />;
}

const TRY_AFTER = 600;

function Wizard({ kind }: { kind: KindInfo }) {
  const { t } = useLingui();
  const scope = useScope();
  const go = useGo();
  const [objects, setObjects] = useState<KubeObject[]>(() => [begin(kind, scope.namespace)]);
  const [text, setText] = useState<string | null>(null); // while somebody writes YAML
  const [broken, setBroken] = useState("");
  const [view, setView] = useState<"yaml" | "code">("yaml");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const lacks = useMemo(() => missing(objects), [objects]);
  const tried = useDryRun(scope.cluster, objects, lacks.length === 0 && !broken);
  const Form = FORMS[kind.kind];
  const one = t(kind.one);
  const schemas = useCallback((version: string) => schemasOf(scope.cluster, version), [scope.cluster]);
  const change = (next: KubeObject[]) => {
    setObjects(next);
    setText(null);
    setBroken("");
  };
  const write = (typed: string) => {
    setText(typed);
    try {
      setObjects(fromYaml(typed));
      setBroken("");
    } catch (caught) {
      setBroken(String((caught as Error).message));
    }
  };
  const create = async () => {
    setBusy(true);
    setError(null);
    try {
      const refused = (await send(scope.cluster, objects, false)).find((each) => each.outcome === "refused");
      if (refused) throw faultOf(refused);
      const { name, namespace = "" } = objects[0]!.metadata;
      told(<Trans>{name} is created.</Trans>);
      const [path, search] = addressOf(scope, kind.group, kind.plural, namespace, name).split("?");
      go(path!, Object.fromEntries(new URLSearchParams(search)));
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <Page
      title={t`Create: ${one}`}
      aside={<DryRun tried={tried} />}
      actions={
        <>
          <Button variant="default" onClick={() => go(`${scope.base}/${kind.id}`)}>
            <Trans>Cancel</Trans>
          </Button>
          <Button loading={busy} disabled={lacks.length > 0 || broken !== ""} onClick={() => void create()}>
            <Trans>Create</Trans>
          </Button>
        </>
      }
      fill
    >
      <div className={styles.columns}>
        {Form && (
          <div className={styles.form}>
            {error !== null && <Fault error={error} />}
            <Form objects={objects} change={change} lacks={lacks} scope={scope} fault={tried.error} />
          </div>
        )}
        <section className={styles.yaml} aria-label="YAML">
          <header>
            <SegmentedControl
              value={view}
              onChange={(value) => setView(value as "yaml" | "code")}
              data={[{ value: "yaml", label: "YAML" }, { value: "code", label: t`As a command` }]}
            />
            <IconCode size={16} aria-hidden />
          </header>
          {!Form && error !== null && <Fault error={error} />}
          {broken && <p role="alert" className={styles.broken}>{broken}</p>}
          {view === "yaml" ? (
            <YamlEditor label={t`YAML of the new object`} value={text ?? toYaml(objects)} onChange={write} onBlur={() => !broken && setText(null)} schemas={schemas} />
          ) : (
            <AsCode objects={objects} cluster={scope.cluster} />
          )}
        </section>
      </div>
    </Page>
  );
}

const send = async (cluster: string, objects: KubeObject[], dryRun: boolean): Promise<Applied[]> =>
  (await platform<{ items: Applied[] }>("POST", `/clusters/${segment(cluster)}/apply`, { body: { objects, dryRun, method: "create" } })).items;

const faultOf = (refused: Applied): ApiError => {
  const status = (refused.status ?? {}) as Status;
  return new ApiError(status, status.code ?? 400);
};

interface Tried {
  state: "waiting" | "passed" | "refused";
  error?: ApiError;
  warnings: string[];
}

/** What the API server would say: asked when somebody stops typing. */
function useDryRun(cluster: string, objects: KubeObject[], ready: boolean): Tried {
  const [tried, setTried] = useState<{ of: KubeObject[]; result: Tried } | null>(null);
  useEffect(() => {
    if (!ready) return;
    let left = false;
    const timer = setTimeout(() => {
      send(cluster, objects, true).then(
        (answers) => {
          const refused = answers.find((each) => each.outcome === "refused");
          const warnings = answers.flatMap((each) => each.warnings ?? []);
          if (!left) setTried({ of: objects, result: refused ? { state: "refused", error: faultOf(refused), warnings } : { state: "passed", warnings } });
        },
        (caught: unknown) => {
          const error = caught instanceof ApiError ? caught : new ApiError({ message: String(caught) }, 500);
          if (!left) setTried({ of: objects, result: { state: "refused", error, warnings: [] } });
        },
      );
    }, TRY_AFTER);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [cluster, objects, ready]);
  return ready && tried?.of === objects ? tried.result : { state: "waiting", warnings: [] };
}

function DryRun({ tried }: { tried: Tried }) {
  if (tried.state === "waiting") return null;
  const text = tried.state === "passed" ? tried.warnings.join(" ") : tried.error?.message;
  return (
    <span role="status" className={styles.tried} data-state={tried.state} title={text}>
      {tried.state === "passed" ? <Trans>The server would accept this</Trans> : <Trans>The server would refuse this: {text}</Trans>}
    </span>
  );
}
