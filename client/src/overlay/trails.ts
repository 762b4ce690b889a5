import type { FrameMessage } from './frame-message.js';

/** A place where a vehicle touched the road, shares of the picture. */
export interface TrailPoint {
  ptsUs: number;
  x: number;
  y: number;
}

/** How long a trail is, in time: it fades towards its end. */
export const TRAIL_US = 2_500_000;
const MAX_POINTS = 80;

/** Where each track of a stream has been. Bounded in time, in points and (with its tracks) in number. */
export class Trails {
  #epoch = -1;
  readonly #byId = new Map<number, TrailPoint[]>();

  get size(): number {
    return this.#byId.size;
  }

  /** Predicted boxes leave no trail: nobody saw a vehicle there. */
  add(message: FrameMessage): void {
    if (message.epoch !== this.#epoch) this.clear();
    this.#epoch = message.epoch;
    for (const track of message.tracks) {
      if (!track.measured) continue;
      const point = { ptsUs: message.ptsUs, x: track.x + track.width / 2, y: track.y + track.height };
      const points = this.#byId.get(track.id);
      if (!points) this.#byId.set(track.id, [point]);
      else if (points.at(-1)!.ptsUs < point.ptsUs) {
        points.push(point);
        if (points.length > MAX_POINTS) points.shift();
      }
    }
    for (const [id, points] of this.#byId) if (points.at(-1)!.ptsUs < message.ptsUs - TRAIL_US) this.#byId.delete(id);
  }

  /** The trail of a track up to a frame, oldest first; nothing that is younger than the frame. */
  until(id: number, ptsUs: number): TrailPoint[] {
    return (this.#byId.get(id) ?? []).filter((point) => point.ptsUs <= ptsUs && point.ptsUs > ptsUs - TRAIL_US);
  }

  clear(): void {
    this.#byId.clear();
  }
}
