import { expect, test } from 'vitest';
import type { FrameTrack } from './frame-message.js';
import type { MatchKind } from './frame-matcher.js';
import { overlayShapes } from './overlay-shapes.js';
import { TRAIL_US, type TrailPoint } from './trails.js';

const track = (over: Partial<FrameTrack> = {}): FrameTrack => ({
  ...{ id: 7, className: 'car', x: 0.25, y: 0.5, width: 0.25, height: 0.25, velocityX: 0, velocityY: 0 },
  ...{ speedKmh: 87, speedSigmaKmh: 2, measured: true, calibrated: true },
  ...over,
});
const measure = (text: string): number => text.length * 7;
const NOW = 10_000_000;

interface Given {
  tracks?: FrameTrack[];
  kind?: MatchKind;
  labels?: boolean;
  trails?: boolean;
  trail?: TrailPoint[];
  width?: number;
}

function shapes({ tracks = [track()], kind = 'exact', labels = true, trails = true, trail = [], width = 800 }: Given) {
  const match = { kind, byTimestamp: true, ptsUs: NOW, tracks, message: null };
  return overlayShapes({ match, style: { labels, trails }, trail: () => trail }, width, 400, measure);
}

test('a measured box is solid, at its share of the picture', () => {
  const [box] = shapes({}).boxes;
  expect(box).toMatchObject({ x: 200, y: 200, width: 200, height: 100, dashed: false, alpha: 1, lineWidthPx: 2 });
});

test('carried-on boxes are dashed, interpolated ones faint', () => {
  const tracks = [track({ measured: false })];
  expect(shapes({ tracks, kind: 'predicted' }).boxes[0]).toMatchObject({ dashed: true, alpha: 1 });
  expect(shapes({ tracks, kind: 'exact' }).boxes[0]).toMatchObject({ dashed: true });
  expect(shapes({ tracks, kind: 'interpolated' }).boxes[0]).toMatchObject({ dashed: false, alpha: 0.7 });
});

test('a label holds speed, uncertainty, unit and name, one after the other, above its box', () => {
  const [label] = shapes({}).labels;
  expect(label!.runs.map(({ text }) => text)).toEqual(['87', '±2', 'km/h', '#7 car']);
  expect(label!.y + label!.height).toBe(200);
  const [first, second] = label!.runs;
  expect(second!.x - first!.x).toBe(2 * 7 + 4);
});

test('a small picture shows speeds only, and none of what stands', () => {
  const tracks = [track(), track({ id: 8, x: 0.6, speedKmh: 0 })];
  const small = shapes({ tracks, width: 400 });
  expect(small.labels.map(({ runs }) => runs.map(({ text }) => text))).toEqual([['87']]);
  expect(small.boxes[0]!.lineWidthPx).toBe(1.5);
});

test('what the viewer switched off is not there', () => {
  const trail = [{ ptsUs: NOW - 100_000, x: 0, y: 0 }];
  expect(shapes({ labels: false, trail }).labels).toEqual([]);
  expect(shapes({ trails: false, trail }).trails).toEqual([]);
});

test('a trail ends at the box, fades with age and is one line', () => {
  const trail = [0.95, 0.7, 0.5, 0.3, 0.1].map((age) => ({ ptsUs: NOW - age * TRAIL_US, x: 0.1, y: 0.9 - age / 2 }));
  const parts = shapes({ trail }).trails;
  expect(parts.length).toBeGreaterThan(2);
  expect(parts[0]!.points.slice(-2)).toEqual([300, 300]);
  expect(parts[0]!.alpha).toBeCloseTo(0.75);
  for (let i = 1; i < parts.length; i++) {
    expect(parts[i]!.alpha).toBeLessThan(parts[i - 1]!.alpha);
    // The older part ends where the younger one begins.
    expect(parts[i]!.points.slice(-2)).toEqual(parts[i - 1]!.points.slice(0, 2));
  }
});

test('a vehicle that stands leaves no trail of its jitter', () => {
  const trail = Array.from({ length: 30 }, (_, i) => ({
    ptsUs: NOW - (30 - i) * 40_000,
    x: 0.375 + (i % 2) * 1e-4,
    y: 0.75,
  }));
  expect(shapes({ trail }).trails.flatMap(({ points }) => points).length).toBeLessThanOrEqual(4);
});
