/** A stream that should be seen and is not for so long, while others are, is stuck. */
const STUCK_AFTER_MS = 15_000;
/** To begin anew costs all tiles a moment, and may not help (a picture that this browser cannot decode): ever more rarely. */
const FIRST_PAUSE_MS = 180_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** One stream that should be seen. */
export interface DueStream {
  id: string;
  lastPresentedMs: number;
}

/** Finds the stream whose tile stands still while the others go on. Pure: times are given, in milliseconds. */
export class StuckStreams {
  /** Since when each stream should be seen, without a break. */
  #dueSince = new Map<string, number>();
  readonly #tried = new Map<string, { times: number; notBeforeMs: number }>();

  /** The stream for whose sake the connection should be made anew now; null: none. `due`: all that should be seen. */
  look(nowMs: number, due: readonly DueStream[]): string | null {
    const before = this.#dueSince;
    this.#dueSince = new Map(due.map(({ id }) => [id, before.get(id) ?? nowMs]));
    const stuck = due.find(({ id, lastPresentedMs }) => {
      const isStuck = nowMs - Math.max(this.#dueSince.get(id)!, lastPresentedMs) > STUCK_AFTER_MS;
      const tried = this.#tried.get(id);
      if (!isStuck && tried && nowMs > tried.notBeforeMs) this.#tried.delete(id);
      return isStuck && nowMs >= (tried?.notBeforeMs ?? 0);
    });
    if (!stuck) return null;
    const times = this.#tried.get(stuck.id)?.times ?? 0;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** times, LONGEST_PAUSE_MS);
    this.#tried.set(stuck.id, { times: times + 1, notBeforeMs: nowMs + pauseMs });
    return stuck.id;
  }

  /** Another connection, or a page that was hidden: nothing should have been seen yet. */
  beginAnew(): void {
    this.#dueSince.clear();
  }

  /** The stream is gone. */
  forget(id: string): void {
    this.#tried.delete(id);
  }
}
