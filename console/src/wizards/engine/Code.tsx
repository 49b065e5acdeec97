/** Every click is code: the same as YAML, as a command and as calls of the API. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Button, CopyButton, IconCheck, IconCopy, SegmentedControl } from "@/ui";
import { asCurl, asKubectl } from "../model/code";
import { useMaking } from "./form";
import styles from "./Wizard.module.css";
import { useResources } from "./useResources";

export function Code({ text }: { text: string }) {
  const { t } = useLingui();
  const { docs, scope, editing, kind } = useMaking();
  const resources = useResources(scope.cluster, kind, docs);
  const [way, choose] = useState("kubectl");
  const sent = docs.flatMap((object, index) => (resources[index] ? [{ object, resource: resources[index] }] : []));
  const code = way === "yaml" ? text : way === "kubectl" ? asKubectl(text, editing) : asCurl(location.origin, scope.cluster, sent, editing);
  return (
    <>
      <div className={styles.block}>
        <Trans>The same as code</Trans>
        <SegmentedControl
          aria-label={t`Form of the code`}
          value={way}
          onChange={choose}
          data={[
            { value: "yaml", label: "YAML" },
            { value: "kubectl", label: "kubectl" },
            { value: "curl", label: t`API call` },
          ]}
        />
        <CopyButton value={code}>
          {({ copied, copy }) => (
            <Button variant="default" leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />} onClick={copy}>
              {copied ? <Trans>Copied</Trans> : <Trans>Copy</Trans>}
            </Button>
          )}
        </CopyButton>
      </div>
      <pre className={`mono ${styles.code}`} tabIndex={0}>
        {code}
      </pre>
    </>
  );
}
