/**
 * Figures over time for the charts: a common time axis and one column per name, the last `capacity` samples. A name that
 * a sample lacks, or that is new, has a gap there.
 */
export class History {
  readonly #capacity: number;
  #timesS: number[] = [];
  readonly #columns = new Map<string, (number | null)[]>();

  constructor(capacity = 180) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#timesS.length;
  }

  add(timeS: number, values: Readonly<Record<string, number | null>>): void {
    this.#timesS.push(timeS);
    for (const name of Object.keys(values)) {
      if (!this.#columns.has(name)) this.#columns.set(name, new Array<null>(this.#timesS.length - 1).fill(null));
    }
    for (const [name, column] of this.#columns) column.push(values[name] ?? null);
    if (this.#timesS.length <= this.#capacity) return;
    this.#timesS.shift();
    for (const [name, column] of this.#columns) {
      column.shift();
      // Streams come and go: a name of which nothing is left needs no column.
      if (column.every((value) => value === null)) this.#columns.delete(name);
    }
  }

  /** Times in seconds, then one column per name, as uPlot wants them. */
  columns(names: readonly string[]): [number[], ...(number | null)[][]] {
    return [this.#timesS, ...names.map((name) => this.#columns.get(name) ?? this.#timesS.map(() => null))];
  }
}
