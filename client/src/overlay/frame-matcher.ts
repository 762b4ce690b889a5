import type { FrameMessage, FrameTrack } from './frame-message.js';

/**
 * How the boxes of a presented frame came about.
 * - `exact`: its own message was there
 * - `interpolated`: between the messages before and after it
 * - `predicted`: carried on from the message before it along each track's velocity
 * - `none`: nothing near enough is known
 */
export type MatchKind = 'exact' | 'interpolated' | 'predicted' | 'none';

export interface Match {
  kind: MatchKind;
  /** False: the browser did not tell the frame's RTP timestamp, and its time was estimated. */
  byTimestamp: boolean;
  /** Presentation time of the frame; null if unknown. */
  ptsUs: number | null;
  tracks: FrameTrack[];
  /** The message itself (exact), or the one before. */
  message: FrameMessage | null;
}

export interface MatcherOptions {
  /** Messages kept: about eight seconds at 25 a second. */
  capacity: number;
  /** Neighbours further apart than this say nothing about what is between them. */
  maxGapUs: number;
  /** Boxes are carried on for at most so long. */
  maxPredictionUs: number;
  /** An estimated time this near to a message's is taken to be its. */
  nearestUs: number;
}

export const MATCHER_DEFAULTS: MatcherOptions = {
  capacity: 200,
  maxGapUs: 700_000,
  maxPredictionUs: 500_000,
  nearestUs: 21_000,
};

const TICKS_PER_US = 0.09;
const NOTHING: Match = { kind: 'none', byTimestamp: true, ptsUs: null, tracks: [], message: null };

/**
 * Finds the boxes of a presented frame among the track messages of its stream. Messages may come late, twice or out of
 * order (the data channel is unordered); the oldest go when there are too many.
 */
export class FrameMatcher {
  readonly #options: MatcherOptions;
  readonly #byTimestamp = new Map<number, FrameMessage>();
  /** By presentation time, oldest first. */
  readonly #messages: FrameMessage[] = [];

  constructor(options: Partial<MatcherOptions> = {}) {
    this.#options = { ...MATCHER_DEFAULTS, ...options };
  }

  get size(): number {
    return this.#messages.length;
  }

  /** The message with the latest presentation time. */
  get newest(): FrameMessage | null {
    return this.#messages.at(-1) ?? null;
  }

  add(message: FrameMessage): void {
    const at = this.#countUpTo(message.ptsUs);
    if (this.#messages[at - 1]?.ptsUs === message.ptsUs) return;
    this.#messages.splice(at, 0, message);
    this.#byTimestamp.set(message.rtpTimestamp, message);
    while (this.#messages.length > this.#options.capacity) {
      const oldest = this.#messages.shift()!;
      if (this.#byTimestamp.get(oldest.rtpTimestamp) === oldest) this.#byTimestamp.delete(oldest.rtpTimestamp);
    }
  }

  /** Forgets everything: the server began anew, its times too. */
  clear(): void {
    this.#messages.length = 0;
    this.#byTimestamp.clear();
  }

  /** The message of the frame with this RTP timestamp; null if it has not come (yet), or is forgotten. */
  find(rtpTimestamp: number): FrameMessage | null {
    return this.#byTimestamp.get(rtpTimestamp) ?? null;
  }

  /** The boxes of the frame with this RTP timestamp. */
  match(rtpTimestamp: number): Match {
    const exact = this.#byTimestamp.get(rtpTimestamp);
    if (exact) return { kind: 'exact', byTimestamp: true, ptsUs: exact.ptsUs, tracks: exact.tracks, message: exact };
    const newest = this.newest;
    if (!newest) return NOTHING;
    // RTP timestamps wrap after 13 hours: the difference as a signed 32-bit number does not.
    const ptsUs = newest.ptsUs + ((rtpTimestamp - newest.rtpTimestamp) | 0) / TICKS_PER_US;
    return this.#between(ptsUs, true);
  }

  /** The boxes of a frame whose presentation time is only estimated. */
  matchNearest(ptsUs: number): Match {
    const after = this.#countUpTo(ptsUs);
    const candidates = [this.#messages[after - 1], this.#messages[after]].filter((m) => m !== undefined);
    const nearest = candidates.sort((a, b) => Math.abs(a.ptsUs - ptsUs) - Math.abs(b.ptsUs - ptsUs))[0];
    if (nearest && Math.abs(nearest.ptsUs - ptsUs) <= this.#options.nearestUs)
      return { kind: 'exact', byTimestamp: false, ptsUs: nearest.ptsUs, tracks: nearest.tracks, message: nearest };
    return this.#between(ptsUs, false);
  }

  #between(ptsUs: number, byTimestamp: boolean): Match {
    const { maxGapUs, maxPredictionUs } = this.#options;
    const at = this.#countUpTo(ptsUs);
    const before = this.#messages[at - 1];
    const after = this.#messages[at];
    if (before && after && before.epoch === after.epoch && after.ptsUs - before.ptsUs <= maxGapUs)
      return { kind: 'interpolated', byTimestamp, ptsUs, tracks: interpolate(before, after, ptsUs), message: before };
    if (before && ptsUs - before.ptsUs <= maxPredictionUs) {
      const tracks = before.tracks.map((track) => carriedOn(track, (ptsUs - before.ptsUs) / 1e6));
      return { kind: 'predicted', byTimestamp, ptsUs, tracks, message: before };
    }
    return { ...NOTHING, byTimestamp, ptsUs };
  }

  /** Messages with a presentation time of at most `ptsUs`. */
  #countUpTo(ptsUs: number): number {
    let low = 0;
    let high = this.#messages.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#messages[middle]!.ptsUs <= ptsUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The tracks of both messages at a time between them; one that only one message knows is carried on from there. */
function interpolate(before: FrameMessage, after: FrameMessage, ptsUs: number): FrameTrack[] {
  const share = (ptsUs - before.ptsUs) / (after.ptsUs - before.ptsUs);
  const later = new Map(after.tracks.map((track) => [track.id, track]));
  const tracks: FrameTrack[] = [];
  for (const a of before.tracks) {
    const b = later.get(a.id);
    later.delete(a.id);
    if (b) {
      const mix = (from: number, to: number): number => from + share * (to - from);
      const place = {
        x: mix(a.x, b.x),
        y: mix(a.y, b.y),
        width: mix(a.width, b.width),
        height: mix(a.height, b.height),
      };
      tracks.push({ ...(share < 0.5 ? a : b), ...place, measured: false });
    } else if (share < 0.5) tracks.push(carriedOn(a, (ptsUs - before.ptsUs) / 1e6));
  }
  if (share >= 0.5) for (const b of later.values()) tracks.push(carriedOn(b, (ptsUs - after.ptsUs) / 1e6));
  return tracks;
}

function carriedOn(track: FrameTrack, seconds: number): FrameTrack {
  return {
    ...track,
    x: track.x + track.velocityX * seconds,
    y: track.y + track.velocityY * seconds,
    measured: false,
  };
}
