/** Where in an object a line of YAML stands, also while it is being typed and does not parse. By indentation. Pure. */
export interface Place {
  apiVersion: string;
  kind: string;
  /** To the mapping or list that holds what stands on the line. */
  parent: (string | number)[];
  /** The key on the line, as far as there is one. */
  key: string;
  /** Columns of the key and of its value. */
  from: number;
  valueFrom: number;
}

interface Mark {
  column: number;
  name: string | null; // null: the dash of a list
}

const KEY = /^("[^"]*"|'[^']*'|[^\s#:'"-][^:#]*?|-[^\s:][^:#]*?)\s*:(?=\s|$)/;
const isBreak = (line: string) => /^---(\s|$)/.test(line);

function marksOf(line: string): { marks: Mark[]; rest: string; column: number } {
  const marks: Mark[] = [];
  let column = line.length - line.trimStart().length;
  while (/^-(\s|$)/.test(line.slice(column))) {
    marks.push({ column, name: null });
    const after = line.slice(column + 1);
    column += 1 + (after.length - after.trimStart().length || 1);
  }
  return { marks, rest: line.slice(column), column };
}

function keyOf(rest: string): string | null {
  const found = KEY.exec(rest);
  return found ? found[1]!.replace(/^["']|["']$/g, "") : null;
}

/** `lines` is the whole text, `row` counts from 0. */
export function placeOf(lines: readonly string[], row: number): Place {
  const { marks, rest, column } = marksOf(lines[row] ?? "");
  const key = keyOf(rest);
  const typed = key ?? rest.trim();
  const place: Place = { apiVersion: "", kind: "", parent: [], key: typed, from: column, valueFrom: -1 };
  if (key !== null) place.valueFrom = column + KEY.exec(rest)![0].length;
  let limit = column;
  let dashed = false;
  const climb = (mark: Mark) => {
    if (mark.column >= limit && !(mark.name !== null && dashed && mark.column === limit)) return;
    place.parent.unshift(mark.name ?? 0);
    limit = mark.column;
    dashed = mark.name === null;
  };
  for (const mark of marks.toReversed()) climb(mark);
  for (let at = row - 1; at >= 0 && !isBreak(lines[at]!); at--) {
    const line = lines[at]!;
    if (!line.trim() || line.trimStart().startsWith("#")) continue;
    const above = marksOf(line);
    const name = keyOf(above.rest);
    if (name !== null) climb({ column: above.column, name });
    for (const mark of above.marks.toReversed()) climb(mark);
  }
  return { ...place, ...headOf(lines, row) };
}

/** What kind of object the document around a line is. */
function headOf(lines: readonly string[], row: number): { apiVersion: string; kind: string } {
  let from = row;
  while (from > 0 && !isBreak(lines[from]!)) from--;
  let to = row + 1;
  while (to < lines.length && !isBreak(lines[to]!)) to++;
  const head = lines.slice(from, to).join("\n");
  const value = (key: string) => new RegExp(`^${key}:\\s*["']?([^\\s"'#]+)`, "m").exec(head)?.[1] ?? "";
  return { apiVersion: value("apiVersion"), kind: value("kind") };
}
