import type { FrameTrack } from './frame-message.js';
import type { Match } from './frame-matcher.js';
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

/**
 * Draws the overlay of one tile. The default draws on a canvas above a `<video>`; a renderer that draws video and overlay
 * of all tiles itself can take its place.
 */
export interface TileRenderer {
  /** Shown in the statistics. */
  readonly name: string;
  /** The picture's size on the page in CSS pixels, and device pixels per CSS pixel. */
  resize(widthPx: number, heightPx: number, density: number): void;
  draw(scene: OverlayScene): void;
  clear(): void;
  /** May be called twice. */
  close(): void;
}

export type RendererFactory = (canvas: HTMLCanvasElement) => TileRenderer;
