import type { SharedFrameSlots } from '../../core/frame-slots.js';
import type { TrackMessage } from '../../core/types.js';
import type { Rect, TileLayout } from './layout.js';
import type { TileStatus } from './tile-status.js';

/** A tile of a view, as the compositor thread sees it. */
export interface TileSpec extends TileLayout {
  /** Unique in the process: another number means another opening of the tile, with other slots. */
  tileId: number;
  streamId: string;
  /** Pictures of the size of `picture`. */
  slots: SharedFrameSlots;
}

/** A view that somebody watches. */
export interface ViewSpec {
  viewId: string;
  width: number;
  height: number;
  tiles: TileSpec[];
  spare: Rect[];
}

/** How the compositor thread is set up (`workerData`). */
export interface CompositorOptions {
  /** Pictures per second at most. */
  maxFps: number;
  /** JPEG quality, 1..100. */
  quality: number;
  /** Its sign of life (`Pulse`): beats while a view is open. */
  pulse?: SharedArrayBuffer;
}

/** Main thread to compositor. */
export type ToCompositor =
  /** Adds a view or replaces the one of the same name (tiles whose `tileId` stays keep their picture). */
  | { type: 'view'; view: ViewSpec }
  | { type: 'close-view'; viewId: string }
  /** Of all streams there are. */
  | { type: 'status'; streams: TileStatus[] }
  /** A JPEG of this view has been taken off the port: another may follow. */
  | { type: 'ack'; viewId: string }
  | { type: 'snapshot'; requestId: number; picture: SnapshotPicture; status: TileStatus }
  /** Frees everything and ends the thread. */
  | { type: 'close' };

/** A source picture to be drawn upon and encoded; `data` is transferred. */
export interface SnapshotPicture {
  width: number;
  height: number;
  data: Uint8Array;
  message: TrackMessage;
}

/** Compositor to main thread. */
export type FromCompositor =
  | ({ type: 'jpeg'; viewId: string } & ComposedJpeg)
  | { type: 'snapshot'; requestId: number; jpeg: ArrayBuffer }
  | { type: 'snapshot-failed'; requestId: number; message: string };

export interface ComposedJpeg {
  jpeg: ArrayBuffer;
  /** Tiles of live streams that have not had a picture since they were opened. */
  missing: number;
  /** Time that drawing and encoding took. */
  composeMs: number;
}
