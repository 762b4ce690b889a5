import type { PublishedTrack } from '../../core/types.js';
import type { Rect } from './layout.js';

/** `#12 car 87 km/h`; without a known speed `#12 car`. */
export function trackLabel(track: Pick<PublishedTrack, 'id' | 'class' | 'speedKmh'>): string {
  return `#${track.id} ${track.class}${speedText(track.speedKmh)}`;
}

/** For small tiles: `87 km/h`; without a known speed `#12`. */
export function shortTrackLabel(track: Pick<PublishedTrack, 'id' | 'speedKmh'>): string {
  return speedText(track.speedKmh).trimStart() || `#${track.id}`;
}

function speedText(speedKmh: number | null): string {
  if (speedKmh === null || !Number.isFinite(speedKmh)) return '';
  return ` ${Math.max(0, Math.round(speedKmh))} km/h`;
}

/** `4 s`, `2 min 05 s`, `3 h 12 min`, `2 d 3 h`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds / 60) % 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor(seconds / 3600) % 24} h`;
}

/** Wall-clock time of day in the server's time zone, `14:03:22`. */
export function timeText(epochMs: number): string {
  const date = new Date(epochMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** Date in the server's time zone, `2026-11-23`. */
export function dateText(epochMs: number): string {
  const date = new Date(epochMs);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
}

/** Share of a label that other labels may hide. */
const MAX_COVERED = 0.08;
/** Share of a label that may lie on another vehicle before a later place is tried: labels should not hop about. */
const TOLERATED = 0.15;

/**
 * Finds a place for a label of `width` x `height` beside `box` inside `bounds`: above, below, inside the top or bottom
 * edge, then the same from the right edge; the first that hides nothing of another label or the strip (`taken`) and
 * little of another vehicle (`avoid`), else the one that hides least. Null if other labels cover every place: the box stays, but
 * a heap of unreadable labels would help nobody.
 */
export function placeLabel(
  box: Rect,
  width: number,
  height: number,
  bounds: Rect,
  taken: readonly Rect[],
  avoid: readonly Rect[] = [],
): Rect | null {
  if (width > bounds.width || height > bounds.height) return null;
  let best: Rect | null = null;
  let bestCost = Infinity;
  for (const x of [box.x, box.x + box.width - width]) {
    for (const y of [box.y - height, box.y + box.height, box.y, box.y + box.height - height]) {
      const candidate = {
        x: clamp(x, bounds.x, bounds.x + bounds.width - width),
        y: clamp(y, bounds.y, bounds.y + bounds.height - height),
        width,
        height,
      };
      const covered = totalOverlapPx(candidate, taken);
      if (covered > MAX_COVERED * width * height) continue;
      const cost = 4 * covered + totalOverlapPx(candidate, avoid);
      if (covered === 0 && cost <= TOLERATED * width * height) return candidate;
      if (cost < bestCost) {
        best = candidate;
        bestCost = cost;
      }
    }
  }
  return best;
}

function totalOverlapPx(rect: Rect, others: readonly Rect[]): number {
  let sum = 0;
  for (const other of others) sum += overlapPx(rect, other);
  return sum;
}

/** Area that two rectangles share. */
export function overlapPx(a: Rect, b: Rect): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
