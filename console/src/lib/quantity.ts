/** Kubernetes' quantities: `500m`, `1.5`, `4Gi`. Pure. */
const SCALES: Record<string, number> = {
  n: 1e-9, u: 1e-6, m: 1e-3, "": 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
};
const SHAPE = /^([+-]?\d*\.?\d+(?:[eE][+-]?\d+)?)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|)$/;

/** Its number, in the base unit; undefined for what is no quantity. */
export function quantity(text: string): number | undefined {
  const found = SHAPE.exec(text.trim());
  return found ? Number(found[1]) * SCALES[found[2]!]! : undefined;
}

const STEP = 1024;
const UNITS = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];

/** Bytes in the largest unit that keeps them above one. */
export function bytes(amount: number): string {
  let unit = 0;
  while (Math.abs(amount) >= STEP && unit < UNITS.length - 1) {
    amount /= STEP;
    unit++;
  }
  return `${Number(amount.toFixed(1))} ${UNITS[unit]}`.trim();
}

export const cores = (amount: number): string => String(Number(amount.toFixed(2)));
