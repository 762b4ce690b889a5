/**
 * Events per second over a sliding window of whole buckets. Constant memory; time is passed in.
 * Until the window has been seen once, the rate is over the time since the first `add` or `rate` call.
 */
export class RateMeter {
  readonly #bucketMs: number;
  readonly #buckets: Float64Array;
  #startedAtMs = Number.NaN;
  #current = 0;

  constructor(windowMs = 5000, bucketMs = 250) {
    this.#bucketMs = bucketMs;
    // One more than the window: the newest bucket is still filling.
    this.#buckets = new Float64Array(Math.ceil(windowMs / bucketMs) + 1);
  }

  add(nowMs: number, amount = 1): void {
    this.#advance(nowMs);
    const at = this.#current % this.#buckets.length;
    this.#buckets[at] = this.#buckets[at]! + amount;
  }

  /** Per second. */
  rate(nowMs: number): number {
    this.#advance(nowMs);
    const first = Math.max(0, this.#current - this.#buckets.length + 1);
    const sinceMs = nowMs - (this.#startedAtMs + first * this.#bucketMs);
    if (sinceMs <= 0) return 0;
    let sum = 0;
    for (const amount of this.#buckets) sum += amount;
    return (sum * 1000) / Math.max(sinceMs, this.#bucketMs);
  }

  #advance(nowMs: number): void {
    if (Number.isNaN(this.#startedAtMs)) this.#startedAtMs = nowMs;
    const bucket = Math.floor((nowMs - this.#startedAtMs) / this.#bucketMs);
    if (bucket <= this.#current) return;
    const steps = Math.min(bucket - this.#current, this.#buckets.length);
    for (let i = 1; i <= steps; i++) this.#buckets[(bucket - steps + i) % this.#buckets.length] = 0;
    this.#current = bucket;
  }
}
