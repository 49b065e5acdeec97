/** The object as it is in the API; to be changed, looked at again and saved. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useCallback, useState } from "react";
import { stringify } from "yaml";
import { platform, segment } from "@/api/client";
import { ApiError, type Status } from "@/api/errors";
import { getObject, type KubeObject } from "@/api/kube";
import { schemasOf } from "@/api/openapi";
import { useCan } from "@/api/session";
import type { Schema } from "@/api/types";
import type { Shown } from "@/kinds";
import { isSecret, masked } from "@/lib/masked";
import { merge } from "@/lib/merge";
import { saveText } from "@/lib/save";
import { Button, Checkbox, confirm, CopyButton, Difference, Fault, Group, IconCopy, IconDownload, IconEdit, told, YamlEditor } from "@/ui";
import { reread } from "@/wizards/model/draft";
import { Changed, type Meanwhile } from "./Changed";
import styles from "./YamlTab.module.css";

export function YamlTab({ object, scope, kind }: Shown) {
  const { t } = useLingui();
  const [status, setStatus] = useState(false);
  const [managed, setManaged] = useState(false);
  const [values, setValues] = useState(false);
  const [draft, setDraft] = useState<{ text: string; before: KubeObject } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [meanwhile, setMeanwhile] = useState<Meanwhile | null>(null);
  const schemas = useCallback((version: string) => schemasOf(scope.cluster, version), [scope.cluster]);
  const { name, namespace = "" } = object.metadata;
  const [may] = useCan(scope.cluster, namespace, [{ verb: "update", group: kind.group, resource: kind.plural, name }]);
  const shown = yamlOf(values ? object : masked(object), status, managed);
  const end = () => {
    setDraft(null);
    setError(null);
    setMeanwhile(null);
  };
  /** Somebody else was faster: what they did, and both together. */
  const compare = async (mine: KubeObject, before: KubeObject) => {
    const live = await getObject(scope.cluster, kind, namespace, name);
    const [was, is] = [plain(before), plain(live)];
    setMeanwhile({ live, before: yamlOf(before), after: yamlOf(live), ...merge(was, plain(mine), is) });
  };
  const review = async () => {
    setError(null);
    setMeanwhile(null);
    let mine: KubeObject | undefined;
    try {
      const { docs, error: unreadable } = reread({ text: "", docs: [] }, draft!.text);
      if (unreadable) throw new Error(unreadable);
      const [wanted, ...others] = docs;
      if (!wanted || others.length) throw new Error(t`One object is expected here`);
      mine = wanted;
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
          end();
          told(<Trans>{name} is saved.</Trans>);
        },
      });
    } catch (caught) {
      if (!(mine && caught instanceof ApiError && caught.code === 409)) return setError(caught);
      await compare(mine, draft!.before).catch(setError);
    }
  };
  return (
    <div className={styles.tab}>
      <Group>
        {draft ? (
          <>
            <Button onClick={() => void review()}><Trans>Review changes</Trans></Button>
            <Button variant="default" onClick={end}><Trans>Cancel</Trans></Button>
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
            <Button variant="subtle" leftSection={<IconDownload size={15} />} onClick={() => saveText(`${name}.yaml`, shown, "application/yaml")}>
              <Trans>Download</Trans>
            </Button>
            {isSecret(object) && <Checkbox label={t`With its values`} checked={values} onChange={(event) => setValues(event.currentTarget.checked)} />}
            <Checkbox label={t`With its status`} checked={status} onChange={(event) => setStatus(event.currentTarget.checked)} />
            <Checkbox label={t`With who wrote what`} checked={managed} onChange={(event) => setManaged(event.currentTarget.checked)} />
          </>
        )}
      </Group>
      {error !== null && <Fault error={error} />}
      {meanwhile && draft && (
        <Changed
          of={meanwhile}
          take={() => {
            setDraft({ text: yamlOf(meanwhile.merged), before: meanwhile.live });
            setMeanwhile(null);
          }}
        />
      )}
      <div className={styles.editor}>
        <YamlEditor
          label={t`YAML of ${name}`}
          value={draft?.text ?? shown}
          onChange={draft ? (text) => setDraft((now) => now && { ...now, text }) : undefined}
          schemas={draft ? schemas : undefined}
        />
      </div>
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

const yamlOf = (object: KubeObject, status = false, managed = false) => stringify(plain(object, status, managed), { lineWidth: 0 });

/** Without what only controllers write. */
function plain(object: KubeObject, withStatus = false, withManaged = false): KubeObject {
  const { apiVersion, kind, status, ...rest } = object;
  const metadata: KubeObject["metadata"] & { managedFields?: unknown } = { ...rest.metadata };
  if (!withManaged) delete metadata.managedFields;
  if (!withStatus) for (const field of ["uid", "resourceVersion", "generation", "creationTimestamp"] as const) delete metadata[field];
  return { apiVersion, kind, ...rest, metadata, ...(withStatus && { status }) } as KubeObject;
}
