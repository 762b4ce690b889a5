import { LanecastError } from '@lanecast/server/core/errors';

/** A frame whose number in the clip was read from its pixels. */
export interface FrameAnchor {
  ptsUs: number;
  frameNo: number;
}

/**
 * Which frame of the endless clip a presentation time shows, from frames whose numbers were read. Throws a LanecastError
 * `chain-out-of-step` if they contradict each other: then frames were shown at other times than the clip says.
 */
export class FrameClock {
  readonly #fps: number;
  /** Of the endless clip, at PTS 0; not negative. */
  readonly #origin: number;

  constructor(anchors: readonly FrameAnchor[], fps: number, loopFrames: number) {
    const [first] = anchors;
    if (!first) throw new LanecastError('chain-out-of-step', 'no frame number was read');
    this.#fps = fps;
    const origin = first.frameNo - (first.ptsUs * fps) / 1e6;
    this.#origin = origin + loopFrames * Math.max(0, Math.ceil(-origin / loopFrames));
    for (const { ptsUs, frameNo } of anchors) {
      const wanted = modulo(this.frameAt(ptsUs), loopFrames);
      if (wanted !== frameNo) {
        throw new LanecastError(
          'chain-out-of-step',
          `a frame shows the number ${frameNo} where its time says ${wanted} (of ${loopFrames}): the publisher lost or repeated frames; try again on a machine that is less busy`,
        );
      }
    }
  }

  /** Not reduced to the loop: frame `loopFrames` is the first of the second loop. */
  frameAt(ptsUs: number): number {
    return Math.round(this.#origin + (ptsUs * this.#fps) / 1e6);
  }
}

const modulo = (value: number, period: number): number => ((value % period) + period) % period;
