/** One value of a secret: decoded when asked for, gone again when it is hidden. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { blobOf, type Entry } from "@/lib/entries";
import { shortQuantity } from "@/lib/quantity";
import { saveBlob } from "@/lib/save";
import { ActionIcon, Group, IconCheck, IconCopy, IconDownload, IconEye, IconEyeOff, useClipboard } from "@/ui";
import { decode } from "@/lib/base64";
import styles from "./Config.module.css";

export const bytes = (size: number) => `${shortQuantity(size, true)}B`;

export function SecretValue({ entry }: { entry: Entry }) {
  const { t } = useLingui();
  const [shows, setShows] = useState(false);
  const { copied, copy } = useClipboard();
  const { key, encoded = "", size } = entry;
  const text = shows ? decode(encoded) : undefined;
  return (
    <tr>
      <td className="mono">{key}</td>
      <td style={{ whiteSpace: "nowrap" }}>{bytes(size)}</td>
      <td>
        <Group gap={4} wrap="nowrap" align="flex-start">
          <div className={styles.value}>
            {!shows ? <span className="dim" aria-label={t`Hidden`}>••••••••</span> : text === undefined ? <span className="dim"><Trans>This is not text: keep it as a file.</Trans></span> : <pre tabIndex={0}>{text}</pre>}
          </div>
          <ActionIcon aria-label={shows ? t`Hide ${key}` : t`Show ${key}`} onClick={() => setShows(!shows)}>
            {shows ? <IconEyeOff size={16} /> : <IconEye size={16} />}
          </ActionIcon>
          <ActionIcon aria-label={copied ? t`Copied` : t`Copy ${key}`} onClick={() => copy(decode(encoded) ?? encoded)}>
            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
          <ActionIcon aria-label={t`Download ${key}`} onClick={() => saveBlob(key, blobOf(entry))}>
            <IconDownload size={16} />
          </ActionIcon>
        </Group>
      </td>
    </tr>
  );
}
