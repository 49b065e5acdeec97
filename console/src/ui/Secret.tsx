/** Something that is shown once and never again: to be copied now. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, CopyButton, Group } from "@mantine/core";
import { IconCheck, IconCopy, IconKey } from "./icons";

export function ShownOnce({ value, label }: { value: string; label: string }) {
  const { t } = useLingui();
  return (
    <Alert color="brand" variant="light" icon={<IconKey size={18} />} title={label}>
      <Group gap="xs" wrap="nowrap">
        <code style={{ overflowWrap: "anywhere", userSelect: "all" }}>{value}</code>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy} leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />} aria-label={t`Copy ${label}`} style={{ flexShrink: 0 }}>
              {copied ? <Trans>Copied</Trans> : <Trans>Copy</Trans>}
            </Button>
          )}
        </CopyButton>
      </Group>
      <p style={{ marginBottom: 0 }}><Trans>It is not shown again.</Trans></p>
    </Alert>
  );
}
