/** A larger size for a volume claim, if its class lets volumes grow. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { type KubeObject, pathOf } from "@/api/kube";
import { useKube } from "@/api/useKube";
import { growthOf, sizeOf } from "@/lib/storage";
import { SmallForm, TextInput, Warning } from "@/ui";
import { CLASSES } from "./classes";

export function ExpandForm({ cluster, claim, send }: { cluster: string; claim: KubeObject; send: (size: string) => void }) {
  const { t } = useLingui();
  const { asked } = sizeOf(claim);
  const [size, setSize] = useState(asked);
  const name = claim.spec?.storageClassName as string;
  const found = useKube<KubeObject>(cluster, name ? pathOf(CLASSES, "", name) : "", undefined, false);
  // Who may not see classes asks the server, which decides anyway.
  const fixed = found.data !== undefined && !found.data.allowVolumeExpansion;
  const growth = growthOf(claim, size);
  const problem = growth === "not an amount" ? t`Not an amount: give 2, 500m or 4Gi` : growth === "not larger" && size !== asked ? t`Volumes can grow only` : undefined;
  return (
    <SmallForm action={<Trans>Expand</Trans>} disabled={fixed || growth !== "grows"} send={() => send(size.trim())}>
      {fixed && (
        <Warning title={<Trans>Its class does not let volumes grow</Trans>}>
          <Trans>Whoever administers the cluster can allow it in the storage class {name} (allowVolumeExpansion), if its provisioner can.</Trans>
        </Warning>
      )}
      <TextInput data-autofocus label={t`Size`} description={t`Now ${asked}`} value={size} error={problem} disabled={fixed} onChange={(event) => setSize(event.currentTarget.value)} />
    </SmallForm>
  );
}
