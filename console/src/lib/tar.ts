/** Archives as `tar` reads and writes them: POSIX.1-1988 ustar, with GNU's entries for long names. Pure. */
export const BLOCK = 512;
/** A size is eleven octal digits. */
export const LARGEST = 8 ** 11 - 1;
const NAME = 100;
const LONG_NAME = "././@LongLink";

export interface Entry {
  name: string;
  /** Of its content, in bytes. */
  size: number;
  /** "0" for a file, "5" for a directory, "L" for the name of the next entry. */
  type: string;
}

const encoder = new TextEncoder();

/** Zeros that fill the last block. */
export const padding = (size: number) => new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);

/** The end of an archive. */
export const END = new Uint8Array(2 * BLOCK);

/** What stands before a file's content. `modified` is in seconds. */
export function header(name: string, size: number, modified: number): Uint8Array {
  const bytes = encoder.encode(name);
  if (bytes.length <= NAME) return block(bytes, size, modified, "0");
  const parts = [block(encoder.encode(LONG_NAME), bytes.length + 1, 0, "L"), bytes, padding(bytes.length + 1), new Uint8Array(1), block(bytes.slice(0, NAME), size, modified, "0")];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function block(name: Uint8Array, size: number, modified: number, type: string): Uint8Array {
  const found = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => found.set(encoder.encode(text), at);
  const octal = (value: number, digits: number) => `${Math.floor(value).toString(8).padStart(digits, "0")}\0`;
  found.set(name, 0);
  put(100, octal(0o644, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(size, 11));
  put(136, octal(modified, 11));
  put(148, "        ");
  put(156, type);
  put(257, "ustar\u000000");
  // The sum of the block with spaces where the sum stands.
  put(148, `${found.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `);
  return found;
}

/** What a header says; undefined at the end of an archive. */
export function entryOf(bytes: Uint8Array): Entry | undefined {
  if (bytes.length < BLOCK || bytes.subarray(0, BLOCK).every((byte) => byte === 0)) return undefined;
  const text = (at: number, length: number) => new TextDecoder().decode(bytes.subarray(at, at + length)).split("\0")[0]!;
  return { name: text(0, NAME), size: sizeOf(bytes.subarray(124, 136)), type: text(156, 1) || "0" };
}

/** GNU writes what octal digits do not hold as a number, marked by the first bit. */
function sizeOf(field: Uint8Array): number {
  if (field[0]! & 0x80) return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  return parseInt(new TextDecoder().decode(field).trim() || "0", 8) || 0;
}

/** Where the one file of an archive stands in its bytes; undefined if there is more in it, or something else. */
export function onlyFile(start: Uint8Array, length: number): { from: number; to: number } | undefined {
  let at = 0;
  for (let entry = entryOf(start); entry && (entry.type === "L" || entry.type === "x"); entry = entryOf(start.subarray(at))) {
    at += BLOCK + Math.ceil(entry.size / BLOCK) * BLOCK;
  }
  const entry = entryOf(start.subarray(at));
  if (entry?.type !== "0") return undefined;
  const [from, to] = [at + BLOCK, at + BLOCK + entry.size];
  return to <= length ? { from, to } : undefined;
}
