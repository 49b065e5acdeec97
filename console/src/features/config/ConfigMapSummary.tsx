/** A config map's entries, to be read and kept as files. */
import { Trans, useLingui } from "@lingui/react/macro";
import type { Shown } from "@/kinds";
import { readCertificates } from "@/lib/certificate";
import { blobOf, configEntries, type Entry } from "@/lib/entries";
import { saveBlob } from "@/lib/save";
import { ActionIcon, Card, CopyButton, IconCheck, IconCopy, IconDownload } from "@/ui";
import { Certificates } from "./Certificates";
import styles from "./Config.module.css";
import { bytes } from "./SecretValue";

/** So many entries stand open by themselves. */
const FEW = 5;

export function ConfigMapSummary({ object }: Shown) {
  const entries = configEntries(object);
  const certificates = entries.flatMap(({ key, text = "" }) => readCertificates(text).map((each) => ({ key, ...each })));
  return (
    <>
      <Certificates of={certificates} />
      <Card title={<Trans>Entries</Trans>} actions={object.immutable && <span className="dim"><Trans>It cannot be changed (immutable)</Trans></span>} flush>
        {entries.map((entry, index) => <EntryView key={entry.key} entry={entry} isOpen={index < FEW} />)}
        {entries.length === 0 && <p className="dim" style={{ padding: "0 16px" }}><Trans>It holds nothing.</Trans></p>}
      </Card>
    </>
  );
}

function EntryView({ entry, isOpen }: { entry: Entry; isOpen: boolean }) {
  const { t } = useLingui();
  const { key, text, size } = entry;
  return (
    <details className={styles.entry} open={isOpen}>
      <summary>
        <span className="mono">{key}</span>
        <span className="dim">{bytes(size)}</span>
      </summary>
      <div style={{ display: "flex", alignItems: "flex-start" }}>
        {text === undefined ? <p className={`${styles.text} dim`} style={{ flex: 1 }}><Trans>This is not text: keep it as a file.</Trans></p> : <pre className={styles.text} style={{ flex: 1 }} tabIndex={0}>{text}</pre>}
        <div style={{ display: "flex", paddingInlineEnd: 12 }}>
          {text !== undefined && (
            <CopyButton value={text}>
              {({ copied, copy }) => (
                <ActionIcon aria-label={copied ? t`Copied` : t`Copy ${key}`} onClick={copy}>
                  {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
                </ActionIcon>
              )}
            </CopyButton>
          )}
          <ActionIcon aria-label={t`Download ${key}`} onClick={() => saveBlob(key, blobOf(entry))}>
            <IconDownload size={16} />
          </ActionIcon>
        </div>
      </div>
    </details>
  );
}
