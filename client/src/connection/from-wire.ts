import type { WireTracks } from '@lanecast/server/core/protocol/track-message';
import type { FrameMessage } from '../overlay/frame-message.js';

/** A decoded track message as the overlay wants it; class indexes become names. */
export function fromWire(wire: WireTracks, classes: readonly string[]): FrameMessage {
  const { rtpTimestamp, ptsUs, epoch, width, height, frameNo, arrivedAtEpochMs } = wire;
  const tracks = wire.tracks.map(({ classIndex, ...track }) => ({
    ...track,
    className: classes[classIndex] ?? `class ${classIndex}`,
  }));
  return { rtpTimestamp, ptsUs, epoch, width, height, frameNo, arrivedAtEpochMs, tracks };
}
