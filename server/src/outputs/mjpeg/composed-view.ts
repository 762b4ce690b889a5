import { FrameSlots } from '../../core/frame-slots.js';
import type { Letterbox } from '../../core/geometry.js';
import type { TrackMessage } from '../../core/types.js';
import { Canvas } from './canvas.js';
import { THEME } from './colour.js';
import type { GlyphAtlas } from './glyphs.js';
import type { TileSpec, ViewSpec } from './protocol.js';
import { paintSpare } from './summary-painter.js';
import { paintOutage, paintStrip, paintTracks, stripRect, tileStyle } from './tile-painter.js';
import type { TileStyle } from './tile-painter.js';
import type { TileStatus } from './tile-status.js';
import { outageOf } from './tile-status.js';

const UNKNOWN: Omit<TileStatus, 'streamId'> = {
  state: 'connecting',
  reason: null,
  fps: 0,
  dropRate: 0,
  sinceEpochMs: 0,
};

/** The newest picture of one tile together with its tracks. */
class TileSource {
  readonly tileId: number;
  readonly #slots: FrameSlots;
  readonly #openedAtMs: number;
  /** A copy: the slot goes back to its writer at once. */
  readonly picture: Buffer;
  message: TrackMessage | null = null;
  content: Letterbox | null = null;
  #writtenAtMs = 0;

  constructor(spec: TileSpec, nowMs: number) {
    this.tileId = spec.tileId;
    this.#slots = new FrameSlots(spec.slots);
    this.#openedAtMs = nowMs;
    this.picture = Buffer.alloc(spec.slots.pictureBytes);
  }

  /** Takes the newest picture if there is one. */
  poll(): boolean {
    const taken = this.#slots.takeNewest();
    if (!taken) return false;
    try {
      this.picture.set(taken.picture);
      // A copy, because TextDecoder and toString refuse shared memory in some runtimes.
      this.message = JSON.parse(Buffer.from(taken.meta).toString('utf8')) as TrackMessage;
      this.content = taken.header;
      this.#writtenAtMs = taken.header.writtenAtMs;
      return true;
    } finally {
      this.#slots.release(taken.slot);
    }
  }

  ageMs(nowMs: number): number | null {
    return this.message ? nowMs - this.#writtenAtMs : null;
  }

  openForMs(nowMs: number): number {
    return nowMs - this.#openedAtMs;
  }
}

/** The picture of one view: its tiles' newest frames with their boxes, and what there is to say about each stream. */
export class ComposedView {
  readonly canvas: Canvas;
  readonly #spec: ViewSpec;
  readonly #sources: TileSource[];
  readonly #styles: TileStyle[];
  readonly #atlas: GlyphAtlas;

  /** `previous` is the view that this one replaces: tiles that are still open keep their picture. */
  constructor(spec: ViewSpec, atlas: GlyphAtlas, nowMs: number, previous?: ComposedView) {
    this.#spec = spec;
    this.#atlas = atlas;
    this.canvas = new Canvas(spec.width, spec.height);
    this.canvas.fill(0, 0, spec.width, spec.height, THEME.background);
    this.#sources = spec.tiles.map((tile) => previous?.sourceOf(tile.tileId) ?? new TileSource(tile, nowMs));
    this.#styles = spec.tiles.map((tile) => tileStyle(atlas, tile.cell.width));
  }

  /** Takes new pictures; true if there was any. */
  poll(): boolean {
    let any = false;
    for (const source of this.#sources) any = source.poll() || any;
    return any;
  }

  /** Draws everything anew. Returns the number of live tiles that have had no picture yet. */
  compose(statuses: ReadonlyMap<string, TileStatus>, nowMs: number, nowEpochMs: number): number {
    let live = 0;
    let tracks = 0;
    let missing = 0;
    this.#spec.tiles.forEach((tile, index) => {
      const source = this.#sources[index]!;
      const status = statuses.get(tile.streamId) ?? {
        ...UNKNOWN,
        streamId: tile.streamId,
        sinceEpochMs: nowEpochMs - source.openForMs(nowMs),
      };
      const shown = this.#composeTile(tile, source, this.#styles[index]!, status, nowMs, nowEpochMs);
      if (status.state === 'live') {
        live++;
        if (!source.message) missing++;
      }
      if (shown) tracks += source.message?.tracks.length ?? 0;
    });
    const streams = this.#spec.tiles.length;
    this.#spec.spare.forEach((cell, index) =>
      paintSpare(this.canvas, this.#atlas, cell, index === 0 ? { streams, live, tracks, nowEpochMs } : null),
    );
    return missing;
  }

  /** For the view that replaces this one. */
  sourceOf(tileId: number): TileSource | undefined {
    return this.#sources.find((source) => source.tileId === tileId);
  }

  #composeTile(
    { cell, picture }: TileSpec,
    source: TileSource,
    style: TileStyle,
    status: TileStatus,
    nowMs: number,
    nowEpochMs: number,
  ): boolean {
    const { canvas } = this;
    const { message, content } = source;
    const outage = outageOf(status, source.ageMs(nowMs), source.openForMs(nowMs), nowEpochMs);
    if (picture.width !== cell.width || picture.height !== cell.height || !message)
      canvas.fill(cell.x, cell.y, cell.width, cell.height, THEME.panel);
    if (message && content) {
      canvas.copy(source.picture, picture.width, picture.height, picture.x, picture.y);
      if (!outage) paintTracks(canvas, style, message.tracks, content, picture, [stripRect(style, cell)]);
    }
    if (outage) paintOutage(canvas, style, outage, cell);
    paintStrip(canvas, style, status, cell);
    return outage === null;
  }
}
