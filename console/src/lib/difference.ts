/** How two texts differ, by lines (Myers' algorithm by longest common subsequence; texts of objects are short). Pure. */
export interface Line {
  sign: " " | "-" | "+";
  text: string;
}

export function difference(before: string, after: string): Line[] {
  const old = before.split("\n");
  const now = after.split("\n");
  // common[i][j]: how long the longest common subsequence of what follows i and j is
  const common: Uint32Array[] = Array.from({ length: old.length + 1 }, () => new Uint32Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      common[i]![j] = old[i] === now[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push({ sign: " ", text: old[i++]! });
      j++;
    } else if (j >= now.length || (i < old.length && common[i + 1]![j]! >= common[i]![j + 1]!)) lines.push({ sign: "-", text: old[i++]! });
    else lines.push({ sign: "+", text: now[j++]! });
  }
  return lines;
}

const CONTEXT = 3;

/** What changed with a few lines around it; `null` stands for what is left out. */
export function hunks(lines: Line[]): (Line | null)[] {
  const shown = lines.map((_, at) => lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some((line) => line.sign !== " "));
  return lines.flatMap((line, at) => (shown[at] ? [line] : at === 0 || shown[at - 1] ? [null] : []));
}
