/** Durations as people say them. Pure. */
const UNITS: [Intl.RelativeTimeFormatUnit & string, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

/** A span in milliseconds as its largest unit: `5 min`, `3 days`; two years are 730 days, as kubectl has it. */
export function ago(span: number, locale: string): string {
  const [unit, size] = UNITS.find(([, each]) => span >= each) ?? ["second", 1000];
  const format = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: locale === "zh" ? "long" : "short" });
  return format.format(Math.max(0, Math.floor(span / size)));
}
