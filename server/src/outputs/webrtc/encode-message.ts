import { encodeTracks } from '../../core/protocol/track-message.js';
import type { StreamInfo, TrackMessage } from '../../core/types.js';

/** A class that the wire's table does not have. */
const UNKNOWN_CLASS = 255;

export interface MessageContext {
  info: Pick<StreamInfo, 'index' | 'calibrated'>;
  /** Counts the stream's messages, modulo 2^32. */
  sequence: number;
  /** Of each track's centre, source pixels a second. */
  velocities: readonly { x: number; y: number }[];
  /** Names by their number on the wire. */
  classes: readonly string[];
  /** When the frame arrived, milliseconds of the wall clock; null: not known. */
  arrivedAtEpochMs: number | null;
}

/** A frame's tracks as the data channel carries them (`core/protocol/track-message.ts`): places are shares of the frame. */
export function encodeMessage(message: TrackMessage, context: MessageContext): Uint8Array {
  const { width, height } = message;
  const { info, sequence, velocities, classes, arrivedAtEpochMs } = context;
  return encodeTracks({
    streamIndex: info.index,
    rtpTimestamp: message.rtpTimestamp,
    sequence,
    ptsUs: message.ptsUs,
    epoch: message.epoch,
    width,
    height,
    frameNo: message.frameNo ?? null,
    arrivedAtEpochMs,
    tracks: message.tracks.map((track, i) => {
      const classIndex = classes.indexOf(track.class);
      return {
        id: track.id,
        classIndex: classIndex < 0 ? UNKNOWN_CLASS : classIndex,
        score: track.score,
        measured: true,
        calibrated: info.calibrated !== 'none',
        x: track.box[0] / width,
        y: track.box[1] / height,
        width: track.box[2] / width,
        height: track.box[3] / height,
        velocityX: velocities[i]!.x / width,
        velocityY: velocities[i]!.y / height,
        speedKmh: track.speedKmh,
        speedSigmaKmh: track.speedSigmaKmh,
      };
    }),
  });
}
