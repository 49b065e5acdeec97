/** Files into and out of a container, through a `tar` that runs in it, as `kubectl cp` does. */
import { split } from "@/lib/path";
import { END, header, LARGEST, onlyFile, padding } from "@/lib/tar";
import { type ExecAsk, runCommand } from "./exec";

export type Place = Omit<ExecAsk, "command" | "plain">;

const CHUNK = 64 << 10;
/** What an archive can say of a file's size. */
export const MOST_UP = LARGEST;
/** A page keeps what it receives in memory until it is whole. */
export const MOST_DOWN = 512 << 20;
/** Enough to find the first file's header behind a long name. */
const START = 4 << 10;

/** Write files into a directory. `progress` is told the bytes that have been sent. */
export async function upload(place: Place, directory: string, files: readonly File[], progress: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  const streams = await runCommand({ ...place, command: ["tar", "-xmf", "-", "-C", directory] }, () => undefined, signal);
  let sent = 0;
  for (const file of files) {
    await streams.write(header(file.name, file.size, file.lastModified / 1000));
    for (let at = 0; at < file.size; at += CHUNK) {
      const bytes = new Uint8Array(await file.slice(at, at + CHUNK).arrayBuffer());
      await streams.write(bytes);
      sent += bytes.length;
      progress(sent);
    }
    await streams.write(padding(file.size));
  }
  await streams.write(END);
  streams.closeInput();
  await streams.done;
}

export interface Download {
  name: string;
  content: Blob;
}

/** A file as it is, anything else as an archive. */
export async function download(place: Place, path: string, progress: (bytes: number) => void, signal: AbortSignal): Promise<Download> {
  const { directory, name } = split(path);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
  const stop = new AbortController();
  const streams = await runCommand(
    // Links are followed: a link alone is of no use elsewhere.
    { ...place, command: ["tar", "-chf", "-", "-C", directory, "--", name || "."] },
    (bytes) => {
      received += bytes.length;
      if (received > MOST_DOWN) return stop.abort();
      parts.push(Uint8Array.from(bytes));
      progress(received);
    },
    AbortSignal.any([signal, stop.signal]),
  );
  streams.closeInput();
  await streams.done.catch((error: unknown) => {
    throw stop.signal.aborted ? new TooLarge() : error;
  });
  const whole = new Blob(parts);
  const file = onlyFile(new Uint8Array(await whole.slice(0, START).arrayBuffer()), whole.size);
  return file ? { name, content: whole.slice(file.from, file.to) } : { name: `${name || "files"}.tar`, content: whole };
}

export class TooLarge extends Error {}
