/** Texts and bytes in base64, as secrets hold them. Pure. */
export const encodeBytes = (bytes: Uint8Array) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
export const encode = (text: string) => encodeBytes(new TextEncoder().encode(text));

/** Undefined if it is not text: then nothing but the value itself can be shown. */
export function decode(value: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(atob(value), (letter) => letter.charCodeAt(0)));
  } catch {
    return undefined;
  }
}
