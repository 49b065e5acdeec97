/** A storage class at a glance: who makes its volumes, and how. */
import { Trans } from "@lingui/react/macro";
import { SmallList } from "@/features/kinds/SmallList";
import { kindById, type Shown } from "@/kinds";
import { isDefault } from "@/lib/storage";
import { Badge, Card, Facts } from "@/ui";

export function ClassSummary({ object, scope }: Shown) {
  const { name } = object.metadata;
  const parameters = Object.entries((object.parameters ?? {}) as Record<string, string>);
  return (
    <>
      <Card title={<Trans>Storage class</Trans>} actions={isDefault(object) && <Badge variant="light"><Trans>Default</Trans></Badge>}>
        <Facts
          items={[
            [<Trans>Provisioner</Trans>, <span className="mono">{object.provisioner}</span>],
            [<Trans>A volume is made</Trans>, object.volumeBindingMode === "WaitForFirstConsumer" ? <Trans>when a pod first wants it, where that pod runs</Trans> : <Trans>as soon as it is claimed</Trans>],
            [<Trans>Without its claim</Trans>, object.reclaimPolicy === "Retain" ? <Trans>It stays with its data</Trans> : <Trans>It is deleted with its data</Trans>],
            [<Trans>Growing</Trans>, object.allowVolumeExpansion ? <Trans>Volumes can grow</Trans> : <Trans>Volumes keep their size</Trans>],
            [<Trans>Mount options</Trans>, object.mountOptions?.join(", ")],
            ...parameters.map(([key, value]) => [key, <span className="mono">{value}</span>] as [string, React.ReactNode]),
          ]}
        />
      </Card>
      <SmallList scope={scope} kind={kindById("persistentvolumes")!} query={{ filter: `storageclass=${name}` }} columns={["status", "capacity", "claim"]} title={<Trans>Volumes</Trans>} none={<Trans>No volumes of this class yet</Trans>} />
      <SmallList scope={scope} kind={kindById("persistentvolumeclaims")!} query={{ filter: `storageclass=${name}` }} columns={["status", "capacity"]} title={<Trans>Volume claims</Trans>} none={<Trans>Nobody claims this class</Trans>} />
    </>
  );
}
