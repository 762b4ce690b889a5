import type { Frame } from 'node-av/lib';
import { FrameSlots, type SharedFrameSlots } from '../core/frame-slots.js';
import type { TrackMessage } from '../core/types.js';
import { type PictureScaler, i420Planes, type PicturePlanes } from './decode/scaler.js';

interface OpenTile {
  slots: FrameSlots;
  targets: PicturePlanes[];
  width: number;
  height: number;
}

const encoder = new TextEncoder();

/** The pictures that outputs asked of one stream: each tracked frame is scaled into every open tile. */
export class Tiles {
  readonly #scaler: PictureScaler;
  readonly #nowMs: () => number;
  readonly #tiles = new Map<number, OpenTile>();

  constructor(scaler: PictureScaler, nowMs: () => number) {
    this.#scaler = scaler;
    this.#nowMs = nowMs;
  }

  open(tile: number, shared: SharedFrameSlots, width: number, height: number): void {
    const slots = new FrameSlots(shared);
    slots.takeOverWriting();
    const targets = Array.from({ length: shared.slotCount }, (_, slot) =>
      i420Planes(slots.picture(slot), width, height, true),
    );
    this.#tiles.set(tile, { slots, targets, width, height });
  }

  close(tile: number): void {
    this.#tiles.delete(tile);
  }

  get empty(): boolean {
    return this.#tiles.size === 0;
  }

  /** Draw a frame, and the tracks that were found in it, into every tile. */
  write(frame: Frame, message: TrackMessage): void {
    for (const { slots, targets, width, height } of this.#tiles.values()) {
      const slot = slots.beginWrite();
      if (slot === null) continue;
      if (!this.#scaler.scale(frame, targets[slot]!)) {
        slots.cancelWrite(slot);
        continue;
      }
      const now = this.#nowMs();
      slots.publish(
        slot,
        {
          ptsUs: message.ptsUs,
          epoch: message.epoch,
          receivedAtMs: now,
          decodedAtMs: now,
          writtenAtMs: now,
          sourceWidth: frame.width,
          sourceHeight: frame.height,
          contentX: 0,
          contentY: 0,
          contentWidth: width,
          contentHeight: height,
        },
        encodeWithin(message, slots.shared.metaBytes),
      );
    }
  }
}

/** The message as JSON of at most `limit` bytes: where there are too many tracks, the weakest are left out. */
function encodeWithin(message: TrackMessage, limit: number): Uint8Array {
  let bytes = encoder.encode(JSON.stringify(message));
  let { tracks } = message;
  while (bytes.length > limit && tracks.length > 0) {
    tracks = [...tracks]
      .sort((a, b) => b.score - a.score)
      .slice(0, Math.floor((tracks.length * limit) / bytes.length / 1.1));
    bytes = encoder.encode(JSON.stringify({ ...message, tracks }));
  }
  return bytes;
}
