import type { Rect } from '../label-placement.js';
import type { FrameInHand, OverlayScene, PicturePlace, TileRenderer } from '../renderer.js';

/** One frame that waits for the wall's next drawing. */
export interface PendingFrame {
  scene: OverlayScene;
  frame: FrameInHand;
}

/** What a tile tells its wall. */
export interface TileEvents {
  /** It has a frame to draw. */
  onFrame(): void;
  /** The frame on screen could not be had. */
  onNoFrame(error: unknown): void;
  /** What is on the canvas at its place is no longer right. */
  onMoved(): void;
  onClose(): void;
  /** Whether the canvas shows its picture. */
  onPainted(painted: boolean): void;
}

/** A tile of the wall that is drawn on the GPU. It holds at most one frame: the newest, until the wall is drawn. */
export class GpuTile implements TileRenderer {
  readonly drawsVideo = true;
  onStale: (() => void) | null = null;
  readonly #events: TileEvents;
  #place: PicturePlace | null = null;
  #pending: PendingFrame | null = null;
  #painted = false;
  #closed = false;

  constructor(events: TileEvents) {
    this.#events = events;
  }

  /** null while it has no extent. */
  get place(): PicturePlace | null {
    return this.#place;
  }

  get hasFrame(): boolean {
    return this.#pending !== null;
  }

  resize(place: PicturePlace): void {
    if (this.#place && isSame(place, this.#place)) return;
    this.#place = place.picture.width >= 1 && place.picture.height >= 1 ? place : null;
    if (!this.#closed) this.#events.onMoved();
  }

  draw(scene: OverlayScene, frame?: FrameInHand): void {
    if (!frame) return;
    this.#drop();
    if (this.#closed) {
      frame.video.close();
      return;
    }
    this.#pending = { scene, frame };
    this.#events.onFrame();
  }

  frameFailed(error: unknown): void {
    if (!this.#closed) this.#events.onNoFrame(error);
  }

  /** The frame that waits; the taker closes it. */
  take(): PendingFrame | null {
    const pending = this.#pending;
    this.#pending = null;
    return pending;
  }

  /** Its picture is on the canvas, or was cleared away. */
  painted(painted: boolean): void {
    if (painted === this.#painted) return;
    this.#painted = painted;
    this.#events.onPainted(painted);
  }

  clear(): void {
    this.#drop();
    this.painted(false);
  }

  /** May be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#drop();
    this.onStale = null;
    this.#events.onClose();
  }

  #drop(): void {
    this.#pending?.frame.video.close();
    this.#pending = null;
  }
}

function isSame(a: PicturePlace, b: PicturePlace): boolean {
  const sameRect = (p: Rect, q: Rect): boolean =>
    p.x === q.x && p.y === q.y && p.width === q.width && p.height === q.height;
  return a.density === b.density && sameRect(a.picture, b.picture) && sameRect(a.room, b.room);
}
