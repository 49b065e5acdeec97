/** A volume claim at a glance: what it asked for, and what it got. */
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { ObjectLink } from "@/features/kinds/ObjectLink";
import type { Shown } from "@/kinds";
import { sizeOf } from "@/lib/storage";
import { Card, Facts, Status } from "@/ui";

const MODES: Record<string, ReturnType<typeof msg>> = {
  ReadWriteOnce: msg`One node reads and writes`, ReadOnlyMany: msg`Many nodes read`, ReadWriteMany: msg`Many nodes read and write`, ReadWriteOncePod: msg`One pod reads and writes`,
};

export function useModes() {
  const { t } = useLingui();
  return (modes: string[] = []) => modes.map((mode) => (MODES[mode] ? `${t(MODES[mode])} (${mode})` : mode)).join(", ");
}

export function ClaimSummary({ object, scope }: Shown) {
  const modes = useModes();
  const { spec = {}, status = {} } = object;
  const { asked, has, grows } = sizeOf(object);
  return (
    <Card title={<Trans>Storage</Trans>}>
      <Facts
        items={[
          [<Trans>Status</Trans>, <Status value={status.phase ?? "Pending"} />],
          [<Trans>Capacity</Trans>, grows ? <Trans>{has}, growing to {asked}</Trans> : has || <span className="dim"><Trans>none yet; {asked} asked for</Trans></span>],
          [<Trans>Volume</Trans>, spec.volumeName && <ObjectLink scope={scope} plural="persistentvolumes" name={spec.volumeName} />],
          [<Trans>Storage class</Trans>, spec.storageClassName && <ObjectLink scope={scope} group="storage.k8s.io" plural="storageclasses" name={spec.storageClassName} />],
          [<Trans>Access</Trans>, modes(status.accessModes ?? spec.accessModes)],
          [<Trans>Mode</Trans>, spec.volumeMode === "Block" ? <Trans>Raw device</Trans> : <Trans>File system</Trans>],
        ]}
      />
    </Card>
  );
}
