/** Files become entries, by their names. */
import { Trans } from "@lingui/react/macro";
import { Button, FileButton, IconUpload } from "@/ui";
import styles from "./forms.module.css";

interface Props {
  take: (files: { name: string; bytes: Uint8Array }[]) => void;
}

export function FileDrop({ take }: Props) {
  const read = async (files: File[]) => take(await Promise.all(files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) }))));
  return (
    <div
      className={styles.drop}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void read([...event.dataTransfer.files]);
      }}
    >
      <IconUpload size={16} aria-hidden /> <Trans>Drop files here, or</Trans>
      <FileButton multiple onChange={(files) => void read(files)}>
        {(props) => (
          <Button variant="default" size="compact-xs" {...props}>
            <Trans>choose files</Trans>
          </Button>
        )}
      </FileButton>
    </div>
  );
}
