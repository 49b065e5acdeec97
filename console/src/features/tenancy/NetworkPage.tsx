/** Who may reach the pods of a workspace or project. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Answer } from "@/app/Answer";
import type { Schemas } from "@/api/ask";
import type { KubeObject } from "@/api/kube";
import { ActionIcon, Alert, Button, Card, Fault, IconPlus, IconShield, IconX, Page, PermittedButton, Select, Switch, TextInput } from "@/ui";
import { useSaving } from "./QuotaPage";
import { type Tenant, useTenant } from "./tenant";
import styles from "./Tenancy.module.css";

type Sort = "workspace" | "namespace" | "cidr";
type Line = [Sort, string];

const lineOf = (allowed: Partial<Schemas["Allowed"]>): Line =>
  allowed.workspace ? ["workspace", allowed.workspace] : allowed.namespace ? ["namespace", allowed.namespace] : ["cidr", allowed.cidr ?? ""];

export default function NetworkPage() {
  const { t } = useLingui();
  const tenant = useTenant();
  return <Page title={t`Network isolation`}><Answer of={tenant.asked}>{(object) => <Isolation key={object.metadata.name} tenant={tenant} object={object} />}</Answer></Page>;
}

function Isolation({ tenant, object }: { tenant: Tenant; object: KubeObject }) {
  const { t } = useLingui();
  const [isolated, setIsolated] = useState(Boolean(object.spec?.network?.isolated));
  const [lines, setLines] = useState<Line[]>(((object.spec?.network?.allow ?? []) as Partial<Schemas["Allowed"]>[]).map(lineOf));
  const { error, save } = useSaving(
    () => tenant.patch({ network: { isolated, allow: lines.map(([sort, value]) => ({ [sort]: value.trim() })) } }),
    <Trans>Network isolation is saved.</Trans>,
  );
  const disabled = !tenant.can.change.allowed;
  const set = (at: number, line: Line) => setLines(lines.map((each, index) => (index === at ? line : each)));
  return (
    <Card
      title={<Trans>Traffic from outside</Trans>}
      actions={<PermittedButton can={tenant.can.change} disabled={lines.some(([, value]) => !value.trim())} onClick={save}><Trans>Save</Trans></PermittedButton>}
    >
      <Switch label={t`Isolate`} checked={isolated} disabled={disabled} onChange={(event) => setIsolated(event.currentTarget.checked)} />
      <Alert my="md" icon={<IconShield size={16} />} role="status">
        <Meaning project={tenant.kind === "project"} isolated={isolated} allowed={lines.length} />
      </Alert>
      <h3><Trans>Allowed all the same</Trans></h3>
      <div className={styles.allow}>
        {lines.map(([sort, value], at) => (
          <div key={at}>
            <Select
              aria-label={t`What is allowed`}
              disabled={disabled}
              allowDeselect={false}
              data={[{ value: "workspace", label: t`Workspace` }, { value: "namespace", label: t`Namespace` }, { value: "cidr", label: t`Addresses` }]}
              value={sort}
              onChange={(chosen) => set(at, [(chosen ?? sort) as Sort, value])}
            />
            <TextInput aria-label={t`Its name or range`} placeholder={sort === "cidr" ? "10.0.0.0/8" : ""} disabled={disabled} value={value} onChange={(event) => set(at, [sort, event.currentTarget.value])} />
            {!disabled && (
              <ActionIcon aria-label={t`Remove ${value}`} onClick={() => setLines(lines.filter((_, index) => index !== at))}>
                <IconX size={15} />
              </ActionIcon>
            )}
          </div>
        ))}
        {!disabled && (
          <Button variant="default" leftSection={<IconPlus size={14} />} style={{ justifySelf: "start" }} onClick={() => setLines([...lines, ["workspace", ""]])}>
            <Trans>Allow more</Trans>
          </Button>
        )}
      </div>
      {error !== null && <Fault error={error} />}
    </Card>
  );
}

function Meaning({ project, isolated, allowed }: { project: boolean; isolated: boolean; allowed: number }) {
  if (!isolated) {
    return project ? (
      <Trans>Every pod of the cluster may reach the pods of this project, unless the workspace is isolated or a network policy says otherwise.</Trans>
    ) : (
      <Trans>Every pod of the cluster may reach the pods of this workspace, unless a project or a network policy says otherwise.</Trans>
    );
  }
  if (allowed > 0) return project ? <Trans>Only this project's own pods, and those allowed below, may reach its pods.</Trans> : <Trans>Only pods of this workspace, and those allowed below, may reach its pods.</Trans>;
  return project ? <Trans>Only this project's own pods may reach its pods.</Trans> : <Trans>Only pods of this workspace may reach its pods.</Trans>;
}
