import type { TruthFrame } from './truth.js';

/** Room for so many passages in an id. */
const MAX_PASSAGES = 100_000;

/**
 * The truth of a loop that is shown again and again, with ids that are unique a passage. A passage begins after the
 * longest time that the vehicle is out of sight; one that is never out of sight stays the same for ever.
 */
export class UnrolledTruth {
  readonly #loop: readonly TruthFrame[];
  /** First frame of each vehicle's passage; absent if it has neither beginning nor end. */
  readonly #begins = new Map<number, number>();

  constructor(loop: readonly TruthFrame[]) {
    this.#loop = loop;
    const seen = new Map<number, number[]>();
    loop.forEach(({ vehicles }, frame) => {
      for (const { id } of vehicles) {
        const frames = seen.get(id);
        if (frames) frames.push(frame);
        else seen.set(id, [frame]);
      }
    });
    for (const [id, frames] of seen) {
      let longest = 1;
      frames.forEach((frame, i) => {
        const before = frames[i - 1] ?? frames.at(-1)! - loop.length;
        if (frame - before > longest) {
          longest = frame - before;
          this.#begins.set(id, frame);
        }
      });
    }
  }

  /** Frame `index` of the endless clip, from 0. */
  at(index: number): TruthFrame {
    const { length } = this.#loop;
    const { vehicles } = this.#loop[index % length]!;
    return {
      vehicles: vehicles.map((vehicle) => {
        const begin = this.#begins.get(vehicle.id);
        const passage = begin === undefined ? 0 : 1 + Math.floor((index - begin) / length);
        return { ...vehicle, id: vehicle.id * MAX_PASSAGES + passage };
      }),
    };
  }
}
