/**
 * The frame counter in a corner of demo and test clips: a strip of 16 black or white cells, 15 bits of Gray code (most
 * significant first; F. Gray, US patent 2,632,058) and one odd-parity bit. Odd parity over 16 cells means that both
 * colours are always there, so that the strip brings its own black and white.
 *
 * The strip's place and size follow the picture's width, so a scaled picture reads the same way. It lies on a dark
 * margin of half a cell. Pure; for luma planes and RGBA pixels.
 */

const CELLS = 16;
const CODE_BITS = CELLS - 1;

/** Numbers run from 0 to this less one, then begin again. */
export const FRAME_COUNTER_PERIOD = 2 ** CODE_BITS;

/** Cells per picture width: 8 px at 640, 24 at 1920. */
const CELLS_ACROSS = 80;

/** Black and white must be at least this far apart (of 255). */
const LEAST_CONTRAST = 72;
/** A cell must be this much nearer to one end than to the other: shares of the contrast that count as neither. */
const UNCERTAIN_FROM = 0.35;
const UNCERTAIN_TO = 0.65;

/** Pixels of the upper left corner that the strip and its margin take, and where its cells lie. */
export interface FrameCounterLayout {
  /** Side of a cell in pixels; may be fractional in a scaled picture. */
  cellPx: number;
  /** Upper left corner of the first cell. */
  xPx: number;
  yPx: number;
  /** The covered area from the picture's corner, margin included, whole pixels. */
  coveredWidthPx: number;
  coveredHeightPx: number;
}

export function frameCounterLayout(widthPx: number): FrameCounterLayout {
  const cellPx = widthPx / CELLS_ACROSS;
  return {
    cellPx,
    xPx: cellPx,
    yPx: cellPx,
    coveredWidthPx: Math.ceil((CELLS + 1.5) * cellPx),
    coveredHeightPx: Math.ceil(2.5 * cellPx),
  };
}

/** The 16 cells of a number, true for white: Gray code, then parity. */
export function frameCounterCells(frameNo: number): boolean[] {
  const value = ((frameNo % FRAME_COUNTER_PERIOD) + FRAME_COUNTER_PERIOD) % FRAME_COUNTER_PERIOD;
  const gray = value ^ (value >>> 1);
  const cells = Array.from({ length: CODE_BITS }, (_, k) => ((gray >>> (CODE_BITS - 1 - k)) & 1) === 1);
  const ones = cells.filter(Boolean).length;
  return [...cells, ones % 2 === 0];
}

/** Pixels to read: `channels` 1 for a luma plane (limited or full range), 4 for RGBA. `stride` in bytes. */
export interface CounterPicture {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
  stride: number;
  channels: 1 | 4;
}

/**
 * The number in the picture, 0 to FRAME_COUNTER_PERIOD - 1; null when there is none that can be trusted: too little
 * contrast, a grey cell, a cell that is not of one colour, a light margin, or wrong parity. The picture must fill
 * `width` x `height` (no letterbox) and be at least 320 wide.
 */
export function readFrameCounter(picture: CounterPicture): number | null {
  const { width, height } = picture;
  const { cellPx, xPx, yPx, coveredHeightPx } = frameCounterLayout(width);
  if (cellPx < 4 || height < coveredHeightPx) return null;
  const levels = new Float64Array(CELLS);
  let darkest = 255;
  let brightest = 0;
  for (let k = 0; k < CELLS; k++) {
    const level = meanLevel(picture, xPx + (k + 0.25) * cellPx, yPx + cellPx * 0.25, cellPx * 0.5, cellPx * 0.5);
    levels[k] = level;
    darkest = Math.min(darkest, level);
    brightest = Math.max(brightest, level);
  }
  const contrast = brightest - darkest;
  if (contrast < LEAST_CONTRAST) return null;
  const margin = meanLevel(picture, xPx, yPx - cellPx * 0.45, CELLS * cellPx, cellPx * 0.25);
  if (margin - darkest > contrast * UNCERTAIN_FROM) return null;
  let gray = 0;
  let ones = 0;
  for (let k = 0; k < CELLS; k++) {
    const share = (levels[k]! - darkest) / contrast;
    if (share > UNCERTAIN_FROM && share < UNCERTAIN_TO) return null;
    const bit = share >= UNCERTAIN_TO ? 1 : 0;
    ones += bit;
    if (k < CODE_BITS) gray = (gray << 1) | bit;
  }
  if (ones % 2 === 0) return null;
  let value = gray;
  for (let shift = 1; shift < CODE_BITS; shift <<= 1) value ^= value >>> shift;
  return value;
}

/** Mean luma of the pixels whose centres lie in a rectangle. */
function meanLevel(picture: CounterPicture, x: number, y: number, width: number, height: number): number {
  const { data, stride, channels } = picture;
  const [x0, x1] = span(x, width);
  const [y0, y1] = span(y, height);
  let sum = 0;
  for (let row = y0; row <= y1; row++) {
    for (let column = x0; column <= x1; column++) {
      const at = row * stride + column * channels;
      sum += channels === 1 ? data[at]! : 0.2126 * data[at]! + 0.7152 * data[at + 1]! + 0.0722 * data[at + 2]!;
    }
  }
  return sum / ((x1 - x0 + 1) * (y1 - y0 + 1));
}

/** First and last pixel whose centres lie in [from, from + size]; at least the one in its middle. */
function span(from: number, size: number): [number, number] {
  const first = Math.ceil(from - 0.5);
  const last = Math.floor(from + size - 0.5);
  if (first <= last) return [first, last];
  const middle = Math.floor(from + size / 2);
  return [middle, middle];
}

/** Draws the strip into an 8-bit RGB picture (three bytes a pixel), with its dark margin. */
export function drawFrameCounter(rgb: Uint8Array, widthPx: number, frameNo: number): void {
  const { cellPx, xPx, yPx, coveredWidthPx, coveredHeightPx } = frameCounterLayout(widthPx);
  for (let row = 0; row < coveredHeightPx; row++) rgb.fill(0, 3 * row * widthPx, 3 * (row * widthPx + coveredWidthPx));
  frameCounterCells(frameNo).forEach((white, k) => {
    if (!white) return;
    const x0 = Math.round(xPx + k * cellPx);
    const x1 = Math.round(xPx + (k + 1) * cellPx);
    for (let row = Math.round(yPx); row < Math.round(yPx + cellPx); row++)
      rgb.fill(255, 3 * (row * widthPx + x0), 3 * (row * widthPx + x1));
  });
}
