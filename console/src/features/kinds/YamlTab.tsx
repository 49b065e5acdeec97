/** The object as it is in the API; to be changed, looked at again and saved. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { stringify } from "yaml";
import { platform, segment } from "@/api/client";
import { ApiError, type Status } from "@/api/errors";
import type { KubeObject } from "@/api/kube";
import { useCan } from "@/api/session";
import type { Schema } from "@/api/types";
import type { Shown } from "@/kinds";
import { Button, Checkbox, confirm, CopyButton, Difference, Fault, Group, IconCopy, IconEdit, told } from "@/ui";
import { reread } from "@/wizards/model/draft";
import styles from "./YamlTab.module.css";

export function YamlTab({ object, scope, kind }: Shown) {
  const { t } = useLingui();
  const [status, setStatus] = useState(false);
  const [draft, setDraft] = useState<{ text: string; before: KubeObject } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const { name, namespace = "" } = object.metadata;
  const [may] = useCan(scope.cluster, namespace, [{ verb: "update", group: kind.group, resource: kind.plural, name }]);
  const shown = stringify(plain(object, status), { lineWidth: 0 });
  const review = async () => {
    setError(null);
    try {
      const { docs, error: unreadable } = reread({ text: "", docs: [] }, draft!.text);
      if (unreadable) throw new Error(unreadable);
      const [wanted, ...others] = docs;
      if (!wanted || others.length) throw new Error(t`One object is expected here`);
      // As it was when the editing began: who changed it meanwhile is not run over.
      const { resourceVersion } = draft!.before.metadata;
      const sent = { ...wanted, metadata: { ...wanted.metadata, resourceVersion } };
      const tried = await replace(scope.cluster, sent, true);
      confirm({
        title: <Trans>Save these changes?</Trans>,
        size: 820,
        children: (
          <>
            <Difference before={yamlOf(draft!.before)} after={yamlOf(tried.after as unknown as KubeObject)} />
            {tried.warnings.map((warning) => <p key={warning} role="note">{warning}</p>)}
          </>
        ),
        action: <Trans>Save</Trans>,
        run: async () => {
          await replace(scope.cluster, sent, false);
          setDraft(null);
          told(<Trans>{name} is saved.</Trans>);
        },
      });
    } catch (caught) {
      setError(caught);
    }
  };
  return (
    <div className={styles.tab}>
      <Group>
        {draft ? (
          <>
            <Button onClick={() => void review()}><Trans>Review changes</Trans></Button>
            <Button variant="default" onClick={() => { setDraft(null); setError(null); }}><Trans>Cancel</Trans></Button>
          </>
        ) : (
          <>
            <Button variant="default" leftSection={<IconEdit size={15} />} disabled={!may?.allowed} title={may?.allowed ? undefined : t`Your roles do not allow this here`} onClick={() => setDraft({ text: yamlOf(object), before: object })}>
              <Trans>Edit</Trans>
            </Button>
            <CopyButton value={shown}>
              {({ copied, copy }) => (
                <Button variant="subtle" leftSection={<IconCopy size={15} />} onClick={copy}>
                  {copied ? <Trans>Copied</Trans> : <Trans>Copy</Trans>}
                </Button>
              )}
            </CopyButton>
            <Checkbox label={t`With its status`} checked={status} onChange={(event) => setStatus(event.currentTarget.checked)} />
          </>
        )}
      </Group>
      {error !== null && <Fault error={error} />}
      {draft ? (
        <textarea aria-label={t`YAML of ${name}`} spellCheck={false} value={draft.text} onChange={(event) => setDraft({ ...draft, text: event.currentTarget.value })} />
      ) : (
        <pre tabIndex={0}>{shown}</pre>
      )}
    </div>
  );
}

/** Throws ApiError with the server's reason. */
async function replace(cluster: string, object: KubeObject, dryRun: boolean): Promise<Schema<"Applied">> {
  const body = { objects: [object], method: "replace", dryRun };
  const [applied] = (await platform<Schema<"AllApplied">>("POST", `/clusters/${segment(cluster)}/apply`, { body })).items;
  if (applied?.outcome !== "refused") return applied!;
  const status = (applied.status ?? {}) as Status;
  throw new ApiError(status, status.code ?? 400);
}

const yamlOf = (object: KubeObject) => stringify(plain(object, false), { lineWidth: 0 });

/** Without what only controllers write. */
function plain(object: KubeObject, withStatus: boolean): KubeObject {
  const { status, ...rest } = object;
  const metadata: KubeObject["metadata"] & { managedFields?: unknown } = { ...rest.metadata };
  delete metadata.managedFields;
  if (!withStatus) for (const field of ["uid", "resourceVersion", "generation", "creationTimestamp"] as const) delete metadata[field];
  return { ...rest, metadata, ...(withStatus && { status }) } as KubeObject;
}
