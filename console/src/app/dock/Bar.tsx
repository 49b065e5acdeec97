/** What stands above every terminal. */
import { Trans } from "@lingui/react/macro";
import type { Place } from "@/api/transfer";
import { Button, confirm, IconDownload, IconUpload } from "@/ui";
import { DownloadForm, UploadForm } from "./Files";
import styles from "./Terminal.module.css";

export function FileButtons({ place }: { place: Place }) {
  const { pod } = place;
  return (
    <>
      <Button size="compact-sm" variant="default" leftSection={<IconUpload size={14} />} onClick={() => confirm({ title: <Trans>Upload to {pod}</Trans>, form: () => <UploadForm place={place} /> })}>
        <Trans>Upload</Trans>
      </Button>
      <Button size="compact-sm" variant="default" leftSection={<IconDownload size={14} />} onClick={() => confirm({ title: <Trans>Download from {pod}</Trans>, form: () => <DownloadForm place={place} /> })}>
        <Trans>Download</Trans>
      </Button>
    </>
  );
}

export function PasteHint() {
  return (
    <span className={styles.hint}>
      <Trans>What is selected is copied; Ctrl+Shift+V pastes.</Trans>
    </span>
  );
}
