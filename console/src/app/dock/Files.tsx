/** Files into and out of a container: how far it is, a way to stop, and what went wrong where it did. */
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { download, MOST_DOWN, MOST_UP, type Place, TooLarge, upload } from "@/api/transfer";
import { saveBlob } from "@/lib/save";
import { sizeText } from "@/lib/size";
import { Alert, Button, Fault, FileButton, Group, IconUpload, Progress, SmallForm, Stack, Text, TextInput, useAskBeforeLeaving } from "@/ui";

type Run = (progress: (bytes: number) => void, signal: AbortSignal) => Promise<string>;

/** One at a time; whoever closes the window stops it. */
function useTransfer() {
  const [bytes, setBytes] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [done, setDone] = useState("");
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  useAskBeforeLeaving(bytes !== null);
  const start = (run: Run) => {
    const control = new AbortController();
    stop.current = control;
    setBytes(0);
    setError(null);
    setDone("");
    run(setBytes, control.signal)
      .then(setDone, (caught: unknown) => !control.signal.aborted && setError(caught))
      .finally(() => setBytes(null));
  };
  return { bytes, error, done, start, cancel: () => stop.current?.abort() };
}

export function UploadForm({ place }: { place: Place }) {
  const { t, i18n } = useLingui();
  const [directory, setDirectory] = useState("/tmp");
  const [files, setFiles] = useState<File[]>([]);
  const transfer = useTransfer();
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const most = sizeText(MOST_UP, i18n.locale);
  const large = files.find((file) => file.size > MOST_UP)?.name;
  const names = files.map((file) => file.name).join(", ");
  const size = sizeText(total, i18n.locale);
  const send = () =>
    transfer.start(async (progress, signal) => {
      await upload(place, directory, files, progress, signal);
      return t`Uploaded to ${directory}: ${names}`;
    });
  return (
    <SmallForm action={<Trans>Upload</Trans>} disabled={!files.length || !directory || Boolean(large) || transfer.bytes !== null} send={send}>
      <TextInput label={t`Directory in the container`} description={t`It must exist, and the container needs tar`} value={directory} onChange={(event) => setDirectory(event.currentTarget.value)} />
      <Group>
        <FileButton multiple onChange={setFiles} inputProps={{ "aria-label": t`Files` }}>
          {(props) => <Button {...props} variant="default" leftSection={<IconUpload size={15} />}><Trans>Choose files</Trans></Button>}
        </FileButton>
        <Text size="sm">{files.length ? <>{names} · {size}</> : <Trans>At most {most} each</Trans>}</Text>
      </Group>
      {large && <Alert color="red" variant="light" role="alert"><Trans>{large} is larger than {most}</Trans></Alert>}
      <Told transfer={transfer} total={total}><Trans>Nothing is replaced but files of the same name.</Trans></Told>
    </SmallForm>
  );
}

export function DownloadForm({ place }: { place: Place }) {
  const { t, i18n } = useLingui();
  const [path, setPath] = useState("");
  const transfer = useTransfer();
  const most = sizeText(MOST_DOWN, i18n.locale);
  const send = () =>
    transfer.start(async (progress, signal) => {
      try {
        const { name, content } = await download(place, path.trim(), progress, signal);
        saveBlob(name, content);
        const size = sizeText(content.size, i18n.locale);
        return t`Saved as ${name}, ${size}`;
      } catch (error) {
        throw error instanceof TooLarge ? new Error(t`It is larger than ${most}; take it with kubectl cp`) : error;
      }
    });
  return (
    <SmallForm action={<Trans>Download</Trans>} disabled={!path.trim() || transfer.bytes !== null} send={send}>
      <TextInput label={t`File or directory in the container`} description={t`A directory comes as a tar archive; the container needs tar`} placeholder="/etc/nginx/nginx.conf" value={path} onChange={(event) => setPath(event.currentTarget.value)} data-autofocus />
      <Told transfer={transfer}><Trans>At most {most}</Trans></Told>
    </SmallForm>
  );
}

function Told({ transfer: { bytes, error, done, cancel }, total, children }: { transfer: ReturnType<typeof useTransfer>; total?: number; children: ReactNode }) {
  const { t, i18n } = useLingui();
  if (error !== null) return <Fault error={error} />;
  if (done) return <Alert role="status" color="teal" variant="light">{done}</Alert>;
  if (bytes === null) return <Text size="sm" c="dimmed">{children}</Text>;
  const moved = sizeText(bytes, i18n.locale);
  return (
    <Stack gap={4}>
      <Progress aria-label={t`Progress`} value={total ? (100 * bytes) / total : 100} animated={!total} />
      <Group justify="space-between">
        <Text size="sm" role="status">{moved}</Text>
        <Button size="compact-sm" variant="default" onClick={cancel}><Trans>Stop</Trans></Button>
      </Group>
    </Stack>
  );
}
