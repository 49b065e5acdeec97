/** The quota of a workspace or project with its use, and what containers get that ask for nothing. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Answer } from "@/app/Answer";
import type { KubeObject } from "@/api/kube";
import { Card, Fault, Page, PermittedButton, told } from "@/ui";
import { Amounts, amountsPatch, fitting, linesOf } from "./Amounts";
import { QuotaBars } from "./QuotaBars";
import { type Tenant, useTenant } from "./tenant";

export default function QuotaPage() {
  const { t } = useLingui();
  const tenant = useTenant();
  return (
    <Page title={tenant.kind === "project" ? t`Quota and limits` : t`Quota`}>
      <Card title={<Trans>Used</Trans>}><QuotaBars path={tenant.path} /></Card>
      <Answer of={tenant.asked}>
        {(object) => (
          <div key={object.metadata.name}>
            <Hard tenant={tenant} object={object} />
            {tenant.kind === "project" && <Limits tenant={tenant} object={object} />}
          </div>
        )}
      </Answer>
    </Page>
  );
}

interface Part {
  tenant: Tenant;
  object: KubeObject;
}

function Hard({ tenant, object }: Part) {
  const before = (object.spec?.quota?.hard ?? {}) as Record<string, string>;
  const [lines, setLines] = useState(linesOf(before));
  const { error, save } = useSaving(() => tenant.patch({ quota: { hard: amountsPatch(before, lines) } }), <Trans>The quota is saved.</Trans>);
  return (
    <Card title={<Trans>At most</Trans>} actions={<PermittedButton can={tenant.can.quota} disabled={!fitting(lines)} onClick={save}><Trans>Save</Trans></PermittedButton>}>
      <Amounts lines={lines} change={setLines} disabled={!tenant.can.quota.allowed} />
      {error !== null && <Fault error={error} />}
    </Card>
  );
}

const OF_CONTAINERS = ["cpu", "memory", "ephemeral-storage"];

function Limits({ tenant, object }: Part) {
  const before = (object.spec?.limits ?? {}) as Record<string, Record<string, string>>;
  const [limit, setLimit] = useState(linesOf(before.default));
  const [request, setRequest] = useState(linesOf(before.defaultRequest));
  const [most, setMost] = useState(linesOf(before.max));
  const { error, save } = useSaving(
    () =>
      tenant.patch({
        limits: { default: amountsPatch(before.default, limit), defaultRequest: amountsPatch(before.defaultRequest, request), max: amountsPatch(before.max, most) },
      }),
    <Trans>The default limits are saved. They hold for pods that start from now on.</Trans>,
  );
  const disabled = !tenant.can.change.allowed;
  return (
    <Card
      title={<Trans>Containers that set nothing themselves</Trans>}
      actions={<PermittedButton can={tenant.can.change} disabled={![limit, request, most].every(fitting)} onClick={save}><Trans>Save</Trans></PermittedButton>}
    >
      <h3><Trans>Request by default</Trans></h3>
      <Amounts names={OF_CONTAINERS} lines={request} change={setRequest} disabled={disabled} />
      <h3><Trans>Limit by default</Trans></h3>
      <Amounts names={OF_CONTAINERS} lines={limit} change={setLimit} disabled={disabled} />
      <h3><Trans>The most a container may have</Trans></h3>
      <Amounts names={OF_CONTAINERS} lines={most} change={setMost} disabled={disabled} />
      {error !== null && <Fault error={error} />}
    </Card>
  );
}

/** Save, say so, or show why not. */
export function useSaving(run: () => Promise<unknown>, message: React.ReactNode): { error: unknown; save: () => void } {
  const [error, setError] = useState<unknown>(null);
  const save = () => {
    setError(null);
    run().then(() => told(message), setError);
  };
  return { error, save };
}
