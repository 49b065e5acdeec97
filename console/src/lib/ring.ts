/** The last lines of something that never ends. Pure but for its own state. */
export class Ring<T> {
  private items: T[] = [];
  /** How many have been forgotten: what has number n stands at n - dropped. */
  dropped = 0;

  constructor(private readonly most: number) {}

  /** Forgets in blocks, so that adding a line does not move all others. */
  add(more: T[]): void {
    this.items = this.items.length + more.length > this.most * 1.2 ? [...this.items, ...more].slice(-this.most) : this.items.concat(more);
    this.dropped = this.added(more.length) - this.items.length;
  }

  private total = 0;

  private added(count: number): number {
    this.total += count;
    return this.total;
  }

  get all(): readonly T[] {
    return this.items;
  }
}

/** Cuts a stream of text into lines; what has no end yet waits for more. */
export class Lines {
  private rest = "";

  cut(text: string): string[] {
    const parts = (this.rest + text).split("\n");
    this.rest = parts.pop() ?? "";
    return parts.map((line) => line.replace(/\r$/, ""));
  }

  end(): string[] {
    const left = this.rest;
    this.rest = "";
    return left ? [left] : [];
  }
}
