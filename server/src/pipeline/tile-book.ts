import { FrameSlots } from '../core/frame-slots.js';
import type { ToIngest } from '../ingest/messages.js';
import { WorkSignal } from '../core/work-signal.js';
import type { LiveTile, Tile } from './api.js';

/** Room for the tracks of a frame as JSON: some four hundred. */
const META_BYTES = 64 << 10;

/** Of a live tile: the colours. */
const LIVE_META_BYTES = 3;
/** Frames that were reordered come in bursts: one that is taken, two that wait. */
const LIVE_SLOTS = 3;

interface OpenTile extends Tile {
  number: number;
  index: number;
  signal: WorkSignal | null;
}

/** The open tiles of all streams; opened again when a stream moves to another worker. */
export class TileBook {
  readonly #send: (index: number, message: ToIngest) => void;
  readonly #tiles = new Map<number, OpenTile>();
  #next = 1;

  constructor(send: (index: number, message: ToIngest) => void) {
    this.#send = send;
  }

  /** Width and height must be even. */
  open(index: number, width: number, height: number): Tile {
    return this.#open(index, width, height, null);
  }

  /** The same for pictures as soon as they are decoded. */
  openLive(index: number, width: number, height: number): LiveTile {
    const signal = new WorkSignal();
    return { ...this.#open(index, width, height, signal), signal };
  }

  #open(index: number, width: number, height: number, signal: WorkSignal | null): Tile {
    if (width % 2 || height % 2 || width < 2 || height < 2) {
      throw new RangeError(`a tile of ${width}x${height}: both sizes must be even and positive`);
    }
    const number = this.#next++;
    const slots = FrameSlots.allocate({
      slotCount: signal ? LIVE_SLOTS : 2,
      pictureBytes: (width * height * 3) / 2,
      metaBytes: signal ? LIVE_META_BYTES : META_BYTES,
    });
    const tile: OpenTile = {
      number,
      index,
      slots,
      width,
      height,
      signal,
      close: () => {
        if (this.#tiles.delete(number)) this.#send(tile.index, { type: 'closeTile', index: tile.index, tile: number });
      },
    };
    this.#tiles.set(number, tile);
    this.#announce(tile);
    return tile;
  }

  /** The stream lives in a new worker. */
  reopen(index: number): void {
    for (const tile of this.#tiles.values()) if (tile.index === index) this.#announce(tile);
  }

  /** The stream goes on as another one. */
  move(from: number, to: number): void {
    for (const tile of this.#tiles.values()) if (tile.index === from) tile.index = to;
    this.reopen(to);
  }

  #announce({ number, index, slots, width, height, signal }: OpenTile): void {
    const live = signal?.buffer ?? null;
    this.#send(index, { type: 'openTile', index, tile: number, slots: slots.shared, width, height, live });
  }
}
