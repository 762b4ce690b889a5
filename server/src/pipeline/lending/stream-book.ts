import { RecentFrames } from '../../detect/lending/recent-frames.js';

/** After so long without a lease the detected rate is the server's own. */
const OWN_RATE_AFTER_MS = 6000;

interface Entry {
  frames: RecentFrames;
  serverPerS: number;
  unlentSinceMs: number;
}

/** What the desk remembers of each stream: the frames that came, and what the server does on it by itself. */
export class StreamBook {
  readonly #entries = new Map<string, Entry>();

  frames(id: string): RecentFrames {
    return this.#entry(id).frames;
  }

  /**
   * Frames a second that the server detected on the stream when it last had it for a while. `detectedPerS`: by whomever,
   * over the last seconds.
   */
  serverPerS(id: string, detectedPerS: number, isLent: boolean, nowMs: number): number {
    const entry = this.#entry(id);
    if (isLent) entry.unlentSinceMs = Infinity;
    else if (entry.unlentSinceMs === Infinity) entry.unlentSinceMs = nowMs;
    if (nowMs - entry.unlentSinceMs > OWN_RATE_AFTER_MS) entry.serverPerS = detectedPerS;
    return entry.serverPerS;
  }

  /** Forgets all streams but these; returns those that were forgotten. */
  keepOnly(ids: ReadonlySet<string>): string[] {
    const gone = [...this.#entries.keys()].filter((id) => !ids.has(id));
    for (const id of gone) this.#entries.delete(id);
    return gone;
  }

  #entry(id: string): Entry {
    let entry = this.#entries.get(id);
    if (!entry) {
      entry = { frames: new RecentFrames(), serverPerS: 0, unlentSinceMs: -Infinity };
      this.#entries.set(id, entry);
    }
    return entry;
  }
}
