/** So long a request waits for a picture with tracks of its own; then it gets what there is. */
const WAIT_MS = 1500;
/** Who asked for one picture may ask for the next. */
const WANTED_FOR_MS = 5000;

/** Requests for a picture of a stream that is not decoded at the moment: they wait until there is one. */
export class SnapshotRequests<P> {
  readonly #take: () => P | null;
  readonly #waiting: { answer: (picture: P | null) => void; untilMs: number }[] = [];
  #wantedUntilMs = -Infinity;

  /** `take` gives the newest picture. */
  constructor(take: () => P | null) {
    this.#take = take;
  }

  /** Pictures are wanted for a while after each request. */
  isWanted(nowMs: number): boolean {
    return nowMs < this.#wantedUntilMs;
  }

  add(answer: (picture: P | null) => void, nowMs: number): void {
    this.#wantedUntilMs = nowMs + WANTED_FOR_MS;
    this.#waiting.push({ answer, untilMs: nowMs + WAIT_MS });
  }

  /** There is a picture: everybody gets it. */
  answerAll(): void {
    for (const { answer } of this.#waiting.splice(0)) answer(this.#take());
  }

  /** Those who waited long enough get what there is. */
  answerLate(nowMs: number): void {
    while (this.#waiting.length > 0 && nowMs > this.#waiting[0]!.untilMs) this.#waiting.shift()!.answer(this.#take());
  }
}
