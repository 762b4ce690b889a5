import type { Frame } from 'node-av/lib';
import { type FrameHeader, FrameSlots } from '../core/frame-slots.js';
import type { TrackMessage } from '../core/types.js';
import { WorkSignal } from '../core/work-signal.js';
import { type PictureScaler, i420Planes, type PicturePlanes } from './decode/scaler.js';
import type { ToIngest } from './messages.js';

interface OpenTile {
  slots: FrameSlots;
  targets: PicturePlanes[];
  width: number;
  height: number;
  /** null: a tile of tracked frames. */
  signal: WorkSignal | null;
}

/** When a frame came, and what it is called. */
export type LivePicture = Pick<FrameHeader, 'ptsUs' | 'epoch' | 'receivedAtMs' | 'decodedAtMs'>;

const encoder = new TextEncoder();

/**
 * The pictures that outputs asked of one stream: each frame is scaled into every open tile, with its tracks when those are
 * known, or at once into those that are live.
 */
export class Tiles {
  readonly #scaler: PictureScaler;
  readonly #nowMs: () => number;
  readonly #tiles = new Map<number, OpenTile>();

  constructor(scaler: PictureScaler, nowMs: () => number) {
    this.#scaler = scaler;
    this.#nowMs = nowMs;
  }

  /** Nobody wants pictures. */
  get empty(): boolean {
    return this.#tiles.size === 0;
  }

  open({ tile, slots: shared, width, height, live }: Extract<ToIngest, { type: 'openTile' }>): void {
    const slots = new FrameSlots(shared);
    slots.takeOverWriting();
    const targets = Array.from({ length: shared.slotCount }, (_, slot) =>
      i420Planes(slots.picture(slot), width, height, live === null),
    );
    this.#tiles.set(tile, { slots, targets, width, height, signal: live && new WorkSignal(live) });
  }

  close(tile: number): void {
    this.#tiles.delete(tile);
  }

  /** Draw a frame, and the tracks that were found in it, into every tile of tracked frames. */
  write(frame: Frame, message: TrackMessage): void {
    for (const tile of this.#tiles.values()) {
      if (tile.signal) continue;
      const now = this.#nowMs();
      const { ptsUs, epoch } = message;
      this.#draw(tile, frame, { ptsUs, epoch, receivedAtMs: now, decodedAtMs: now }, () =>
        encodeWithin(message, tile.slots.shared.metaBytes),
      );
    }
  }

  /** Draw a frame that was just decoded into every live tile; its colours go beside it (H.273, a byte each). */
  writeLive(frame: Frame, picture: LivePicture): void {
    for (const tile of this.#tiles.values()) {
      if (!tile.signal) continue;
      this.#draw(tile, frame, picture, () => Uint8Array.of(frame.colorPrimaries, frame.colorTrc, frame.colorSpace));
      tile.signal.raise();
    }
  }

  #draw({ slots, targets, width, height }: OpenTile, frame: Frame, picture: LivePicture, meta: () => Uint8Array): void {
    const slot = slots.beginWrite();
    if (slot === null) return;
    if (!this.#scaler.scale(frame, targets[slot]!)) {
      slots.cancelWrite(slot);
      return;
    }
    slots.publish(
      slot,
      {
        ...picture,
        writtenAtMs: this.#nowMs(),
        sourceWidth: frame.width,
        sourceHeight: frame.height,
        contentX: 0,
        contentY: 0,
        contentWidth: width,
        contentHeight: height,
      },
      meta(),
    );
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
