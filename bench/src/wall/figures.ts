import type { Machine } from '../machine.js';

/** What a page and its browser counted between two moments. */
export interface WallWindow {
  seconds: number;
  tiles: number;
  /** Frames that all tiles together should have shown, and that were drawn with their overlays. */
  due: number;
  drawn: number;
  /** Work of the page's main thread, seconds. */
  mainThreadS: number;
  /** CPU time of all the browser's processes, seconds. */
  cpuS: number;
}

/** One renderer on one wall. */
export interface WallFigures {
  tiles: number;
  renderer: 'canvas' | 'webgpu';
  /** Frames drawn a second on each tile. */
  fps: number;
  droppedPct: number;
  /** Of the page's main thread for each frame drawn, messages and matching included. */
  mainThreadMsPerFrame: number;
  /** Share of the time that the main thread works. */
  mainThreadPct: number;
  /** CPU time a second of the whole browser, the making of the videos included. */
  browserCpuMsPerS: number;
  /** Why it did not run (to the end); absent if it did. */
  failure?: string;
}

export interface WallReport {
  bench: 'wall';
  date: string;
  machine: Machine;
  loadAverage: { before: number; after: number };
  browser: string;
  /** Of the browser, besides its usual ones. */
  flags: readonly string[];
  adapter: string;
  window: { width: number; height: number };
  video: { width: number; height: number; fps: number; sources: number };
  tracksPerTile: number;
  secondsEach: number;
  runs: WallFigures[];
}

export function wallFigures(renderer: WallFigures['renderer'], window: WallWindow): WallFigures {
  const { seconds, tiles, due, drawn, mainThreadS, cpuS } = window;
  return {
    tiles,
    renderer,
    fps: round(drawn / seconds / tiles, 2),
    // A frame of before the window may be drawn in it: no less than none is dropped.
    droppedPct: round(Math.max(0, 100 * (1 - drawn / Math.max(1, due))), 1),
    mainThreadMsPerFrame: round((1000 * mainThreadS) / Math.max(1, drawn), 2),
    mainThreadPct: round((100 * mainThreadS) / seconds, 1),
    browserCpuMsPerS: Math.round((1000 * cpuS) / seconds),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
