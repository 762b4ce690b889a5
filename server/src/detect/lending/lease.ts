/** Why a lease ended. */
export type LeaseEnd =
  /** The page no longer lends, or is hidden. */
  | 'withdrawn'
  /** Its connection ended. */
  | 'left'
  /** Too late, or too few a second. */
  | 'slow'
  /** Nothing came although there were frames. */
  | 'stalled'
  | 'lied'
  /** Another lender is that much better. */
  | 'outdone'
  /** The page no longer gets the stream, or there is no such stream. */
  | 'unseen';

/** How far back a lease's rate and latency are looked at. */
const WINDOW_MS = 2000;

/**
 * One stream, lent to one page. On trial its detections are only measured, and whoever detects goes on; held, they are the
 * stream's.
 */
export class Lease {
  /** Names it on the wire. */
  readonly id: number;
  readonly stream: string;
  readonly lender: string;
  readonly grantedAtMs: number;
  /** null while it is on trial. */
  heldSinceMs: number | null = null;
  #lastUsefulMs: number;
  #firstUsefulMs: number | null = null;
  #framesSinceUseful = 0;
  #useful: { atMs: number; latencyMs: number }[] = [];

  constructor(id: number, stream: string, lender: string, nowMs: number) {
    this.id = id;
    this.stream = stream;
    this.lender = lender;
    this.grantedAtMs = nowMs;
    this.#lastUsefulMs = nowMs;
  }

  get firstUsefulMs(): number | null {
    return this.#firstUsefulMs;
  }

  /** Frames that came since the last useful detections: without frames nobody can be blamed for silence. */
  get framesSinceUseful(): number {
    return this.#framesSinceUseful;
  }

  silentForMs(nowMs: number): number {
    return nowMs - this.#lastUsefulMs;
  }

  frame(): void {
    this.#framesSinceUseful++;
  }

  /** Detections came that can be used, so long after their frame. */
  useful(latencyMs: number, nowMs: number): void {
    this.#firstUsefulMs ??= nowMs;
    this.#lastUsefulMs = nowMs;
    this.#framesSinceUseful = 0;
    this.#useful.push({ atMs: nowMs, latencyMs });
    this.#forget(nowMs);
  }

  /** Useful detections that the figures below rest on. */
  samples(nowMs: number): number {
    this.#forget(nowMs);
    return this.#useful.length;
  }

  /** Useful detections a second, since the first or over the last seconds. */
  perS(nowMs: number): number {
    this.#forget(nowMs);
    if (this.#firstUsefulMs === null) return 0;
    // The first one opens the time that is looked at.
    const sinceMs = Math.max(this.#firstUsefulMs, nowMs - WINDOW_MS);
    const opened = this.#useful[0]?.atMs === this.#firstUsefulMs ? 1 : 0;
    return nowMs > sinceMs ? ((this.#useful.length - opened) * 1000) / (nowMs - sinceMs) : 0;
  }

  /** 95th percentile; 0 without samples. */
  latencyP95Ms(nowMs: number): number {
    this.#forget(nowMs);
    const sorted = this.#useful.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(0.95 * sorted.length) - 1)] ?? 0;
  }

  #forget(nowMs: number): void {
    while (this.#useful.length > 0 && this.#useful[0]!.atMs < nowMs - WINDOW_MS) this.#useful.shift();
  }
}
