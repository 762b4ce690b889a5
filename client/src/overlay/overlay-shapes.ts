import { classColour } from './class-colours.js';
import type { MatchKind } from './frame-matcher.js';
import type { FrameTrack } from './frame-message.js';
import { type LabelRequest, placeLabels, type Rect } from './label-placement.js';
import type { OverlayScene } from './renderer.js';
import { trackLabel } from './track-label.js';
import { TRAIL_US, type TrailPoint } from './trails.js';

/**
 * What the overlay of one frame consists of, in CSS pixels from the picture's upper left corner. Every renderer draws just
 * this, so that all of them look the same. Pure.
 */
export interface OverlayShapes {
  /** In the order of drawing: trails, boxes, labels. */
  trails: TrailShape[];
  boxes: BoxShape[];
  labels: LabelShape[];
}

/** Part of a trail that has one strength. */
export interface TrailShape {
  colour: string;
  alpha: number;
  widthPx: number;
  /** x and y of each point, at least two points. */
  points: number[];
}

export interface BoxShape extends Rect {
  colour: string;
  alpha: number;
  dashed: boolean;
  lineWidthPx: number;
  /** Of the dark line below it. */
  haloWidthPx: number;
}

export interface LabelShape extends Rect {
  /** Of the stripe at its left edge. */
  colour: string;
  runs: TextRun[];
}

/** Words of one font and colour, upright from `x`, vertically centred on `y`. */
export interface TextRun {
  text: string;
  /** As in CSS. */
  font: string;
  colour: string;
  x: number;
  y: number;
}

/** Width of a text, CSS pixels. */
export type MeasureText = (text: string, font: string) => number;

export const PLATE = 'rgba(6, 9, 13, 0.84)';
export const PLATE_RADIUS_PX = 3;
export const STRIPE_PX = 2.5;
export const HALO = 'rgba(0, 0, 0, 0.55)';
/** Lengths of line and gap of a box that no detection supports. */
export const DASH_PX: readonly [on: number, off: number] = [5, 4];

const FONT = 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif';
/** Below this width of the picture labels hold the speed only. */
const COMPACT_BELOW_PX = 560;
/** A box as wide as so many letters are high gets its full label. */
const FULL_LABEL_FROM = 3;
/** Strengths that a trail fades through. */
const TRAIL_BANDS = 5;
/** Points of a trail nearer than this to the one before tell nothing. */
const TRAIL_STEP_PX = 1;

/** The shapes of one presented frame on a picture of `widthPx` x `heightPx`. */
export function overlayShapes(
  { match, style, trail }: OverlayScene,
  widthPx: number,
  heightPx: number,
  measure: MeasureText,
): OverlayShapes {
  const { tracks, ptsUs, kind } = match;
  const trails =
    style.trails && ptsUs !== null
      ? tracks.flatMap((track) => trailShapes(trail(track), track, ptsUs, widthPx, heightPx))
      : [];
  return {
    trails,
    boxes: tracks.map((track) => boxShape(track, kind, widthPx, heightPx)),
    labels: style.labels ? labelShapes(tracks, widthPx, heightPx, measure) : [],
  };
}

/** A few strokes of falling strength, the strongest first. */
function trailShapes(
  trail: readonly TrailPoint[],
  track: FrameTrack,
  nowUs: number,
  width: number,
  height: number,
): TrailShape[] {
  if (trail.length === 0) return [];
  const colour = classColour(track.className);
  const widthPx = width < COMPACT_BELOW_PX ? 1.5 : 2.5;
  const bands: number[][] = Array.from({ length: TRAIL_BANDS }, () => []);
  let x = trail[0]!.x * width;
  let y = trail[0]!.y * height;
  const step = (point: TrailPoint, isEnd: boolean): void => {
    const nextX = point.x * width;
    const nextY = point.y * height;
    const distance = Math.hypot(nextX - x, nextY - y);
    if (distance < (isEnd ? 0.01 : TRAIL_STEP_PX)) return;
    const band = Math.floor(((nowUs - point.ptsUs) / TRAIL_US) * TRAIL_BANDS);
    const points = bands[band];
    if (points) {
      if (points.length === 0) points.push(x, y);
      points.push(nextX, nextY);
    }
    x = nextX;
    y = nextY;
  };
  for (const point of trail) step(point, false);
  step({ ptsUs: nowUs, x: track.x + track.width / 2, y: track.y + track.height }, true);
  return bands.flatMap((points, band) =>
    points.length === 0 ? [] : [{ colour, alpha: 0.75 * (1 - band / TRAIL_BANDS) ** 1.5, widthPx, points }],
  );
}

function boxShape(track: FrameTrack, kind: MatchKind, width: number, height: number): BoxShape {
  const compact = width < COMPACT_BELOW_PX;
  return {
    ...boxRect(track, width, height),
    colour: classColour(track.className),
    // Between two measured boxes is fainter, carried on without a second one is dashed.
    alpha: kind === 'interpolated' ? 0.7 : 1,
    dashed: kind !== 'interpolated' && !track.measured,
    lineWidthPx: compact ? 1.5 : 2,
    // A dark halo under the colour keeps the box visible on snow and on headlights.
    haloWidthPx: compact ? 3 : 4,
  };
}

function boxRect(track: FrameTrack, width: number, height: number): Rect {
  return { x: track.x * width, y: track.y * height, width: track.width * width, height: track.height * height };
}

interface Label extends LabelRequest {
  parts: { text: string; font: string; colour: string; widthPx: number }[];
  track: FrameTrack;
}

function labelShapes(tracks: readonly FrameTrack[], width: number, height: number, measure: MeasureText): LabelShape[] {
  const labels = tracks.map((track) => label(track, width, height, measure)).filter((made) => made !== null);
  const places = placeLabels(labels, { x: 0, y: 0, width, height });
  return labels.flatMap(({ parts, track }, i) => {
    const place = places[i];
    if (!place) return [];
    let x = place.x + 7;
    const y = place.y + place.height / 2 + 0.5;
    const runs = parts.map(({ text, font, colour, widthPx }) => {
      const run = { text, font, colour, x, y };
      x += widthPx + 4;
      return run;
    });
    return [{ ...place, colour: classColour(track.className), runs }];
  });
}

/** null: a box too small for words of any use. */
function label(track: FrameTrack, pictureWidth: number, pictureHeight: number, measure: MeasureText): Label | null {
  const compact = pictureWidth < COMPACT_BELOW_PX;
  const { speed, uncertainty, unit, name } = trackLabel(track);
  // In a small picture words are for what moves.
  if (compact && (!speed || speed === '0')) return null;
  const size = compact ? 11 : Math.min(16, Math.max(12.5, pictureWidth / 75));
  const parts: Label['parts'] = [];
  const write = (text: string, weight: number, scale: number, colour: string): void => {
    if (!text) return;
    const font = `${weight} ${(size * scale).toFixed(1)}px ${FONT}`;
    parts.push({ text, font, colour, widthPx: measure(text, font) });
  };
  const box = boxRect(track, pictureWidth, pictureHeight);
  write(speed, 650, 1, '#ffffff');
  // A far vehicle's label would hide those around it: its speed alone, or its number.
  const far = box.width < FULL_LABEL_FROM * size;
  if (!compact && !(far && speed)) {
    write(uncertainty, 450, 0.85, '#b9c4cf');
    write(unit, 450, 0.85, '#b9c4cf');
    write(far ? `#${track.id}` : name, 450, 0.85, classColour(track.className));
  }
  const width = parts.reduce((sum, part) => sum + part.widthPx + 4, 0) + 8;
  // Near vehicles first: they are the large ones. A foretold box gives way.
  const priority = box.width * box.height * (track.measured ? 1 : 0.5);
  return { parts, track, box, width, height: Math.round(size * 1.45), priority };
}
