/** Kubernetes quantities: `250m`, `1.5Gi`, `2e3`. Pure. */
const FACTORS: Record<string, number> = {
  "": 1, n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
};

/** NaN if it is none. */
export function amountOf(text: string | number): number {
  const found = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(|[numkMGTPE]|[KMGTPE]i)$/.exec(String(text).trim());
  return found ? Number(found[1]) * FACTORS[found[2]!]! : NaN;
}

/** In the largest binary unit that keeps it short; of plain numbers with at most three digits behind the point. */
export function shortQuantity(value: number, binary: boolean): string {
  const rounded = (number: number) => String(Math.round(number * 1000) / 1000);
  if (!binary) return rounded(value);
  const unit = ["Ti", "Gi", "Mi", "Ki"].find((each) => value >= FACTORS[each]!) ?? "";
  return `${Math.round((value / FACTORS[unit]!) * 10) / 10}${unit}`;
}
