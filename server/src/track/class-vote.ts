/**
 * A track's class: every matched detection votes for its class with its score, and the largest sum wins. A class
 * that draws level does not take over, so equal sums cannot make a label flicker.
 */
export class ClassVote {
  readonly #sums = new Map<number, number>();
  #winner: number;

  constructor(classIndex: number, score: number) {
    this.#winner = classIndex;
    this.#sums.set(classIndex, score);
  }

  get winner(): number {
    return this.#winner;
  }

  add(classIndex: number, score: number): void {
    const sum = (this.#sums.get(classIndex) ?? 0) + score;
    this.#sums.set(classIndex, sum);
    if (sum > this.#sums.get(this.#winner)!) this.#winner = classIndex;
  }
}
