/** An object that somebody else changed while one was editing it: what they did, and both changes together. */
import { Trans } from "@lingui/react/macro";
import type { KubeObject } from "@/api/kube";
import type { Merged } from "@/lib/merge";
import { Button, Difference } from "@/ui";
import styles from "./YamlTab.module.css";

/** The texts are of the object as the editing began, and as it is now. */
export interface Meanwhile extends Merged<KubeObject> {
  live: KubeObject;
  before: string;
  after: string;
}

export function Changed({ of, take }: { of: Meanwhile; take: () => void }) {
  const fields = of.conflicts.map((path) => path.join(".")).join(", ");
  return (
    <section className={styles.changed} role="alert">
      <p>
        <strong><Trans>Somebody changed this meanwhile. Nothing is saved yet.</Trans></strong>
      </p>
      <Difference before={of.before} after={of.after} />
      {fields && (
        <p>
          <Trans>Both of you changed: {fields}. Your values stand in what is merged.</Trans>
        </p>
      )}
      <Button variant="default" onClick={take}>
        <Trans>Merge my changes into it</Trans>
      </Button>
    </section>
  );
}
