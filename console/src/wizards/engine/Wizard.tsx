/** Steps, form and text of what is made or edited, and its sending. */
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMemo, useState } from "react";
import { ApiError } from "@/api/errors";
import { getObject, type KubeObject } from "@/api/kube";
import { useCan } from "@/api/session";
import { addressOf, type KindInfo } from "@/kinds";
import { useGo, useSearchState } from "@/router/Go";
import type { Scope } from "@/router/scope";
import { Alert, Button, Fault, Page, told, Tooltip } from "@/ui";
import { editable } from "../model/object";
import { type Form, type Making, MakingContext, namespaceOf, type Step } from "./form";
import { Leaving } from "./Leaving";
import { Review } from "./Review";
import { complaintsOf, send, useDryRun } from "./send";
import { StartFrom } from "./StartFrom";
import { Steps } from "./Steps";
import { useDraft } from "./useDraft";
import { useResources } from "./useResources";
import styles from "./Wizard.module.css";
import { type Verdict, YamlPane } from "./YamlPane";

interface Props {
  kind: KindInfo;
  scope: Scope;
  form: Form;
  /** What the wizard begins with: one's blank or the object that is edited. */
  docs: KubeObject[];
  editing: boolean;
}

const REVIEW: Step = { id: "review", title: msg`Review`, lead: msg`What the server says to it, before anything is sent.`, owns: () => false, component: () => null };

export function Wizard({ kind, scope, form, docs: begin, editing }: Props) {
  const { t } = useLingui();
  const go = useGo();
  const [search, change] = useSearchState();
  const back = editing ? addressOf(scope, kind.group, kind.plural, scope.namespace, begin[0]!.metadata.name) : `${scope.base}/${kind.id}`;
  const work = useDraft({ address: `${back}#${editing ? "edit" : "create"}`, docs: begin });
  const { draft } = work;
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState<ReadonlySet<string>>(new Set());
  const [seen, see] = useState<ReadonlySet<string>>(new Set());

  const steps = useMemo(() => [...form.steps(editing), REVIEW], [form, editing]);
  const at = Math.max(0, steps.findIndex((step) => step.id === search.step));
  const step = steps[at]!;
  const show = (id: string) => {
    see((now) => new Set([...now, step.id]));
    change({ step: id });
  };

  const namespace = kind.namespaced ? namespaceOf({ docs: draft.docs, scope }) : "";
  const todo = useMemo(() => draft.docs.filter((doc) => !sent.has(keyOf(doc))), [draft.docs, sent]);
  const sending = { cluster: scope.cluster, namespace, docs: todo, editing };
  const ready = !draft.error && form.ready(draft.docs) && (!kind.namespaced || namespace !== "");
  const trial = useDryRun(sending, ready);
  const complaints = useMemo(() => complaintsOf(trial.items), [trial.items]);
  const refused = trial.items.some((item) => item.outcome === "refused") || trial.error !== null;
  const stepOf = (doc: number, field: string) => steps.findLast((each) => each.owns(draft.docs[doc]?.kind ?? "", field))?.id ?? steps[0]!.id;
  const bad = new Set(complaints.map(({ doc, field }) => stepOf(doc, field)));
  const verdict: Verdict = draft.error ? "unreadable" : !ready ? "waiting" : !trial.current ? "asking" : refused ? "refused" : "passed";

  const resources = useResources(scope.cluster, kind, todo);
  const verb = editing ? "update" : "create";
  const can = useCan(scope.cluster, namespace, resources.flatMap((resource) => (resource ? [{ verb, group: resource.group, resource: resource.plural }] : [])));
  const may = can.every((each) => each.allowed);
  const making: Making = { kind, scope, form, editing, docs: draft.docs, edit: work.edit, complaints };
  const one = t(kind.one);

  const finish = async () => {
    setBusy(true);
    setError(null);
    try {
      const items = await send(sending, false);
      const refusals = items.filter((item) => item.outcome === "refused");
      if (refusals.length > 0) {
        setSent(new Set([...sent, ...items.flatMap((item, index) => (item.outcome === "refused" ? [] : [keyOf(todo[index]!)]))]));
        throw new ApiError(refusals[0]!.status ?? {}, refusals[0]!.status?.code ?? 422);
      }
      work.done();
      const { name } = draft.docs[0]!.metadata;
      told(editing ? <Trans>{name} is changed.</Trans> : <Trans>{name} is created.</Trans>);
      const [path, query] = addressOf(scope, kind.group, kind.plural, namespace, name).split("?");
      go(path!, Object.fromEntries(new URLSearchParams(query)));
    } catch (caught) {
      setError(caught);
      const cause = caught instanceof ApiError ? caught.causes.find((each) => each.field) : undefined;
      if (cause) show(stepOf(0, cause.field!));
    } finally {
      setBusy(false);
    }
  };
  const catchUp = async () => {
    setError(null);
    work.catchUp(editable(await getObject(scope.cluster, kind, namespace, begin[0]!.metadata.name)));
  };
  const leave = () => {
    const [path, query] = back.split("?");
    go(path!, Object.fromEntries(new URLSearchParams(query)));
  };
  const Component = step.component;
  const last = step === REVIEW;
  const edited = begin[0]!.metadata.name;
  const next = steps[at + 1];
  const following = next ? t(next.title) : "";
  const unreadable = draft.error;
  const title = editing ? t`Edit ${edited}` : t`Create: ${one}`;
  return (
    <MakingContext value={making}>
      <Page
        title={title}
        fill
        actions={
          <>
            {!editing && <StartFrom take={work.take} />}
            <Button variant="default" onClick={leave}>
              <Trans>Cancel</Trans>
            </Button>
            {at > 0 && (
              <Button variant="default" onClick={() => show(steps[at - 1]!.id)}>
                <Trans>Back</Trans>
              </Button>
            )}
            {last ? (
              <Tooltip label={can.find((each) => !each.allowed)?.reason ?? t`Your roles do not allow this here`} disabled={may || !ready}>
                <Button disabled={!ready || !may || (trial.current && refused)} loading={busy} onClick={() => void finish()}>
                  {editing ? <Trans>Save</Trans> : <Trans>Create</Trans>}
                </Button>
              </Tooltip>
            ) : (
              <Button onClick={() => show(next!.id)}>
                <Trans>Next: {following}</Trans>
              </Button>
            )}
          </>
        }
      >
        <div className={styles.wizard}>
          <Steps steps={steps} current={step.id} seen={seen} bad={bad} go={show} />
          <div className={styles.form} tabIndex={-1}>
            <div key={step.id}>
              {work.restored && !seen.size && <Restored reset={work.reset} />}
              {error !== null && <Fault error={error} retry={error instanceof ApiError && error.code === 409 && editing ? () => void catchUp() : undefined} />}
              <h2>{t(step.title)}</h2>
              <p className={styles.lead}>{step.lead && t(step.lead)}</p>
              {last && !ready && !draft.error && (
                <Alert color="gray">
                  <Trans>Something that is required is still missing, such as the name.</Trans>
                </Alert>
              )}
              {unreadable ? (
                <Alert color="red" role="alert">
                  <Trans>The YAML cannot be read at the moment: {unreadable}. The form goes on once it can.</Trans>
                </Alert>
              ) : last ? (
                <Review text={draft.text} items={trial.items} error={trial.error} find={(doc, field) => show(stepOf(doc, field))} />
              ) : (
                <Component />
              )}
            </div>
          </div>
          <YamlPane text={draft.text} onChange={work.write} verdict={verdict} error={draft.error} />
        </div>
        <Leaving unsent={work.unsent} isKept={work.isKept} discard={work.done} />
      </Page>
    </MakingContext>
  );
}

const keyOf = (doc: KubeObject) => `${doc.kind}/${doc.metadata?.namespace ?? ""}/${doc.metadata?.name ?? ""}`;

function Restored({ reset }: { reset: () => void }) {
  return (
    <Alert color="brand" mb="md" p="xs">
      <Trans>This is the draft that you left here.</Trans>{" "}
      <button type="button" className="link-button" onClick={reset}>
        <Trans>Start anew</Trans>
      </button>
    </Alert>
  );
}
