/** What the form does, as what one would type. */
import { Trans, useLingui } from "@lingui/react/macro";
import type { KubeObject } from "@/api/kube";
import { ActionIcon, CopyButton, IconCheck, IconCopy } from "@/ui";
import { asCommands } from "./manifest";
import styles from "./AsCode.module.css";

export function AsCode({ objects, cluster }: { objects: KubeObject[]; cluster: string }) {
  const { kubectl, api } = asCommands(objects, cluster, location.origin);
  return (
    <div className={styles.code}>
      <Block title={<Trans>With kubectl</Trans>} text={kubectl} />
      <Block title={<Trans>By the API</Trans>} text={api} />
    </div>
  );
}

function Block({ title, text }: { title: React.ReactNode; text: string }) {
  const { t } = useLingui();
  return (
    <section>
      <h3>
        {title}
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <ActionIcon aria-label={t`Copy`} onClick={copy}>
              {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
            </ActionIcon>
          )}
        </CopyButton>
      </h3>
      <pre tabIndex={0}>{text}</pre>
    </section>
  );
}
