/** Amounts of bytes for people, in binary units. Pure. */
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

export function sizeText(bytes: number, locale?: string): string {
  const step = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.round(bytes)) / 10));
  const value = bytes / 1024 ** step;
  return `${value.toLocaleString(locale, { maximumFractionDigits: step && value < 100 ? 1 : 0 })} ${UNITS[step]}`;
}
