/** A short list in the order and with the rows that are asked for. Pure. */
export type Value = string | number | undefined;

export interface Arranged<R> {
  id: string;
  /** What it is searched and sorted by; a column without is neither. */
  value?: (row: R) => Value;
}

export interface Order {
  column: string;
  descending: boolean;
}

/** Rows in which every word stands somewhere, sorted; numbers in texts count as numbers, and what is empty comes last. */
export function arrange<R>(rows: readonly R[], columns: readonly Arranged<R>[], words: string, order?: Order): R[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (row: R) => columns.map((column) => column.value?.(row) ?? "").join("\n").toLowerCase();
  const found = wanted.length ? rows.filter((row) => wanted.every((word) => text(row).includes(word))) : [...rows];
  const by = columns.find((column) => column.id === order?.column)?.value;
  if (!by || !order) return found;
  const sign = order.descending ? -1 : 1;
  return found.sort((a, b) => {
    const [one, two] = [by(a) ?? "", by(b) ?? ""];
    if (one === "" || two === "") return Number(one === "") - Number(two === "");
    return sign * (typeof one === "number" && typeof two === "number" ? one - two : String(one).localeCompare(String(two), undefined, { numeric: true }));
  });
}
