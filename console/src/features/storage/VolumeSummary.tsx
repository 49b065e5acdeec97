/** A volume at a glance: where its bytes are, who has it, and what becomes of it. */
import { Trans } from "@lingui/react/macro";
import { ObjectLink } from "@/features/kinds/ObjectLink";
import type { Shown } from "@/kinds";
import { nodesOf, sourceOf } from "@/lib/storage";
import { Card, Facts, Status } from "@/ui";
import { useModes } from "./ClaimSummary";

export function VolumeSummary({ object, scope }: Shown) {
  const modes = useModes();
  const { spec = {}, status = {} } = object;
  const claim = spec.claimRef as { namespace: string; name: string } | undefined;
  const nodes = nodesOf(object);
  return (
    <Card title={<Trans>Storage</Trans>}>
      <Facts
        items={[
          [<Trans>Status</Trans>, <Status value={status.phase ?? "Pending"} />],
          [<Trans>Capacity</Trans>, spec.capacity?.storage],
          [<Trans>Claim</Trans>, claim && <ObjectLink scope={scope} plural="persistentvolumeclaims" namespace={claim.namespace} name={claim.name}>{claim.namespace}/{claim.name}</ObjectLink>],
          [<Trans>Storage class</Trans>, spec.storageClassName && <ObjectLink scope={scope} group="storage.k8s.io" plural="storageclasses" name={spec.storageClassName} />],
          [<Trans>Where it is</Trans>, <span className="mono">{sourceOf(object)}</span>],
          [<Trans>Only on</Trans>, nodes.length ? nodes.map((name) => <div key={name}><ObjectLink scope={scope} plural="nodes" name={name} /></div>) : undefined],
          [<Trans>Access</Trans>, modes(spec.accessModes)],
          [<Trans>Without its claim</Trans>, spec.persistentVolumeReclaimPolicy === "Delete" ? <Trans>It is deleted with its data</Trans> : <Trans>It stays with its data</Trans>],
        ]}
      />
    </Card>
  );
}
