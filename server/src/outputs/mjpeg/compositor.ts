import { messageOf } from '../../core/errors.js';
import { Canvas } from './canvas.js';
import { ComposedView } from './composed-view.js';
import type { GlyphAtlas } from './glyphs.js';
import { JpegEncoder } from './jpeg-encoder.js';
import type { ComposedJpeg, CompositorOptions, FromCompositor, SnapshotPicture, ToCompositor } from './protocol.js';
import { paintStrip, paintTracks, stripRect, tileStyle } from './tile-painter.js';
import type { TileStatus } from './tile-status.js';

/** A JPEG of a view waits for the main thread to take the one before the last: never more than this many under way. */
const MAX_IN_FLIGHT = 2;
/** Without new pictures a view is composed this often, so that ages and clocks move on. */
const IDLE_INTERVAL_MS = 1000;
/** Encoders of other sizes that snapshots keep. */
const SNAPSHOT_ENCODERS = 4;

/** Where the compositor's time comes from: `nowMs` is the monotonic clock that stamps the slots. */
export interface CompositorClock {
  nowMs(): number;
  epochMs(): number;
}

interface ActiveView {
  composed: ComposedView;
  encoder: JpegEncoder;
  composedAtMs: number;
  dirty: boolean;
  inFlight: number;
}

/** What runs in the compositor thread, without the thread: views in, JPEGs out. */
export class Compositor {
  readonly #atlas: GlyphAtlas;
  readonly #options: CompositorOptions;
  readonly #clock: CompositorClock;
  readonly #post: (message: FromCompositor, transfer: ArrayBuffer[]) => void;
  readonly #views = new Map<string, ActiveView>();
  readonly #statuses = new Map<string, TileStatus>();
  readonly #snapshotEncoders: JpegEncoder[] = [];

  constructor(
    atlas: GlyphAtlas,
    options: CompositorOptions,
    clock: CompositorClock,
    post: (message: FromCompositor, transfer: ArrayBuffer[]) => void,
  ) {
    this.#atlas = atlas;
    this.#options = options;
    this.#clock = clock;
    this.#post = post;
  }

  /** True while a view is open, that is while `tick` has something to do. */
  get active(): boolean {
    return this.#views.size > 0;
  }

  handle(message: ToCompositor): void {
    switch (message.type) {
      case 'view': {
        const { view } = message;
        const old = this.#views.get(view.viewId);
        const keep = old?.encoder.width === view.width && old.encoder.height === view.height;
        if (old && !keep) old.encoder.close();
        this.#views.set(view.viewId, {
          composed: new ComposedView(view, this.#atlas, this.#clock.nowMs(), old?.composed),
          encoder: keep ? old.encoder : new JpegEncoder(view.width, view.height, this.#options.quality),
          composedAtMs: -Infinity,
          dirty: true,
          inFlight: old?.inFlight ?? 0,
        });
        break;
      }
      case 'close-view':
        this.#views.get(message.viewId)?.encoder.close();
        this.#views.delete(message.viewId);
        break;
      case 'status':
        this.#updateStatuses(message.streams);
        break;
      case 'ack': {
        const view = this.#views.get(message.viewId);
        if (view && view.inFlight > 0) view.inFlight--;
        break;
      }
      case 'snapshot':
        this.#snapshot(message.requestId, message.picture, message.status);
        break;
      case 'close':
        this.close();
        break;
    }
  }

  /** Composes each view that has something new to show. */
  tick(): void {
    const nowMs = this.#clock.nowMs();
    for (const [viewId, view] of this.#views) {
      view.dirty = view.composed.poll() || view.dirty || nowMs - view.composedAtMs >= IDLE_INTERVAL_MS;
      if (!view.dirty || view.inFlight >= MAX_IN_FLIGHT) continue;
      view.dirty = false;
      view.composedAtMs = nowMs;
      view.inFlight++;
      const composed = this.#compose(view, nowMs);
      this.#post({ type: 'jpeg', viewId, ...composed }, [composed.jpeg]);
    }
  }

  close(): void {
    for (const { encoder } of this.#views.values()) encoder.close();
    for (const encoder of this.#snapshotEncoders) encoder.close();
    this.#views.clear();
    this.#snapshotEncoders.length = 0;
  }

  #compose({ composed, encoder }: ActiveView, nowMs: number): ComposedJpeg {
    const missing = composed.compose(this.#statuses, nowMs, this.#clock.epochMs());
    const jpeg = encoder.encode(composed.canvas.data);
    return { jpeg, missing, composeMs: this.#clock.nowMs() - nowMs };
  }

  /** `streams` are all that there are: what is said of others is forgotten. */
  #updateStatuses(streams: readonly TileStatus[]): void {
    const there = new Set(streams.map(({ streamId }) => streamId));
    for (const id of this.#statuses.keys()) if (!there.has(id)) this.#statuses.delete(id);
    for (const status of streams) {
      const old = this.#statuses.get(status.streamId);
      this.#statuses.set(status.streamId, status);
      // Rates drift each second and may wait for the next picture; a change of state shows at once.
      if (old?.state !== status.state) for (const view of this.#views.values()) view.dirty = true;
    }
  }

  #snapshot(requestId: number, picture: SnapshotPicture, status: TileStatus): void {
    try {
      const { width, height, message } = picture;
      const canvas = new Canvas(width, height, picture.data);
      const whole = { x: 0, y: 0, width, height };
      const style = tileStyle(this.#atlas, width);
      const content = {
        sourceWidth: message.width,
        sourceHeight: message.height,
        contentX: 0,
        contentY: 0,
        contentWidth: width,
        contentHeight: height,
      };
      paintTracks(canvas, style, message.tracks, content, whole, [stripRect(style, whole)]);
      paintStrip(canvas, style, status, whole);
      const jpeg = this.#snapshotEncoder(width, height).encode(canvas.data);
      this.#post({ type: 'snapshot', requestId, jpeg }, [jpeg]);
    } catch (error) {
      this.#post({ type: 'snapshot-failed', requestId, message: messageOf(error) }, []);
    }
  }

  #snapshotEncoder(width: number, height: number): JpegEncoder {
    const known = this.#snapshotEncoders;
    const index = known.findIndex((encoder) => encoder.width === width && encoder.height === height);
    const [encoder] = index >= 0 ? known.splice(index, 1) : [new JpegEncoder(width, height, this.#options.quality)];
    known.unshift(encoder!);
    if (known.length > SNAPSHOT_ENCODERS) known.pop()!.close();
    return encoder!;
  }
}
