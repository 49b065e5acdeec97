/** A short text that one will want elsewhere: to be opened or copied. */
import { useLingui } from "@lingui/react/macro";
import { ActionIcon, CopyButton } from "@mantine/core";
import type { ReactNode } from "react";
import { IconCheck, IconCopy } from "./icons";

export function Copyable({ value, link, children }: { value: string; link?: string; children?: ReactNode }) {
  const { t } = useLingui();
  const text = <span className="mono">{children ?? value}</span>;
  return (
    <div style={{ display: "flex", alignItems: "center", gap: 4, minWidth: 0, overflowWrap: "anywhere" }}>
      {link ? <a href={link} target="_blank" rel="noreferrer">{text}</a> : text}
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <ActionIcon variant="subtle" size={24} aria-label={copied ? t`Copied` : t`Copy ${value}`} onClick={copy}>
            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        )}
      </CopyButton>
    </div>
  );
}
