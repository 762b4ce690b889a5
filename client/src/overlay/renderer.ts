import type { FrameTrack } from './frame-message.js';
import type { Match } from './frame-matcher.js';
import type { Rect } from './label-placement.js';
import type { TrailPoint } from './trails.js';

/** What to write and draw; chosen by the viewer. */
export interface OverlayStyle {
  labels: boolean;
  trails: boolean;
}

/** One presented frame with all that is drawn on it. */
export interface OverlayScene {
  match: Match;
  trail: (track: FrameTrack) => readonly TrailPoint[];
  style: OverlayStyle;
}

/** Where a tile's picture lies, CSS pixels from the wall's upper left corner. */
export interface PicturePlace {
  picture: Rect;
  /** The part of the tile that the picture is fitted into. */
  room: Rect;
  /** Device pixels per CSS pixel. */
  density: number;
}

/** A frame of the video, in hand, for a renderer that draws the video too. */
export interface FrameInHand {
  /** The renderer closes it. */
  video: VideoFrame;
  /** Called when the frame and its overlay are on the canvas, for measurements. */
  onDrawn?: (picture: DrawnPicture) => void;
}

/** Where a frame was drawn: pixels of the canvas. */
export interface DrawnPicture {
  canvas: HTMLCanvasElement;
  picture: Rect;
}

/**
 * Draws one tile. The default draws the overlay on a canvas above a `<video>`; one that draws video and overlay of all
 * tiles itself takes its place where that wins.
 */
export interface TileRenderer {
  /** True: `draw` gets the frame in hand, and the `<video>` is not shown. */
  readonly drawsVideo: boolean;
  resize(place: PicturePlace): void;
  /** `frame`: for a renderer that draws the video. */
  draw(scene: OverlayScene, frame?: FrameInHand): void;
  /** The frame on screen could not be had; for a renderer that draws the video. */
  frameFailed?(error: unknown): void;
  /** The player sets it: called when the frame on screen is to be drawn again, because the layout changed. */
  onStale?: (() => void) | null;
  clear(): void;
  /** May be called twice. */
  close(): void;
}
