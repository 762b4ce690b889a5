import type { PublishedTrack, TrackMessage } from '../../core/types.js';

interface Seen {
  ptsUs: number;
  x: number;
  y: number;
  velocityX: number;
  velocityY: number;
}

/** Half of an old velocity is forgotten in this time. */
const HALF_LIFE_S = 0.12;
/** What was not seen for so long begins anew. */
const FORGET_US = 1_000_000;

/**
 * Velocities of the boxes' centres in a stream's pictures, pixels a second, from the places in its messages: smoothed
 * exponentially over presentation time. 0 where a track is new.
 */
export class TrackVelocities {
  #epoch = -1;
  readonly #seen = new Map<number, Seen>();

  get size(): number {
    return this.#seen.size;
  }

  /** Takes the message's tracks in; returns the velocity of each, in their order. */
  update(message: Pick<TrackMessage, 'ptsUs' | 'epoch' | 'tracks'>): { x: number; y: number }[] {
    if (message.epoch !== this.#epoch) this.#seen.clear();
    this.#epoch = message.epoch;
    const velocities = message.tracks.map((track) => this.#follow(track, message.ptsUs));
    for (const [id, { ptsUs }] of this.#seen) if (ptsUs < message.ptsUs - FORGET_US) this.#seen.delete(id);
    return velocities;
  }

  #follow({ id, box }: PublishedTrack, ptsUs: number): { x: number; y: number } {
    const x = box[0] + box[2] / 2;
    const y = box[1] + box[3] / 2;
    const last = this.#seen.get(id);
    const seconds = last ? (ptsUs - last.ptsUs) / 1e6 : 0;
    if (!last || seconds <= 0) {
      this.#seen.set(id, { ptsUs, x, y, velocityX: 0, velocityY: 0 });
      return { x: 0, y: 0 };
    }
    const fresh = last.velocityX === 0 && last.velocityY === 0;
    const share = fresh ? 1 : 1 - 2 ** (-seconds / HALF_LIFE_S);
    const velocityX = last.velocityX + share * ((x - last.x) / seconds - last.velocityX);
    const velocityY = last.velocityY + share * ((y - last.y) / seconds - last.velocityY);
    this.#seen.set(id, { ptsUs, x, y, velocityX, velocityY });
    return { x: velocityX, y: velocityY };
  }
}
