/** Amounts as Kubernetes writes them: `500m`, `1.5Gi`. Pure. */
const FACTORS: Record<string, number> = {
  "": 1, m: 1e-3, u: 1e-6, n: 1e-9, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
};

/** NaN for what is no amount. */
export function amountOf(text: string): number {
  const found = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([munkMGTPE]|[KMGTPE]i)?$/.exec(text.trim());
  return found ? Number(found[1]) * (FACTORS[found[2] ?? ""] ?? NaN) : NaN;
}
