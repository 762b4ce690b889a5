import { describe, expect, it } from 'vitest';
import { Fill, Rasteriser } from './rasteriser.js';

const shown = (raster: Rasteriser): string[] =>
  Array.from({ length: raster.height }, (_, y) =>
    Array.from(raster.triangle.subarray(y * raster.width, (y + 1) * raster.width), (t) =>
      t < 0 ? '.' : String(t),
    ).join(''),
  );

/** A rectangle as two triangles. */
function rectangle(
  raster: Rasteriser,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
  nearness: number,
  mode: Fill,
  id: number,
): void {
  raster.fill(x0, y0, nearness, x1, y0, nearness, x1, y1, nearness, mode, id);
  raster.fill(x0, y0, nearness, x1, y1, nearness, x0, y1, nearness, mode, id);
}

describe('Rasteriser', () => {
  it('covers samples whose centres lie inside, each once where triangles meet', () => {
    const raster = new Rasteriser(6, 4);
    rectangle(raster, [1, 1, 5, 3], 1, Fill.Solid, 7);
    expect(shown(raster)).toEqual(['......', '.7777.', '.7777.', '......']);
    raster.beginObject();
    rectangle(raster, [0.4, 0.6, 5.4, 3.4], 2, Fill.Vehicle, 8);
    expect(raster.silhouette).toEqual({ count: 10, minX: 0, minY: 1, maxX: 4, maxY: 2 });
  });

  it('shows the nearer, but for layers of the ground the later', () => {
    const raster = new Rasteriser(4, 1);
    rectangle(raster, [0, 0, 4, 1], 1, Fill.Solid, 1);
    rectangle(raster, [1, 0, 3, 1], 0.5, Fill.Solid, 2);
    rectangle(raster, [2, 0, 4, 1], 2, Fill.Solid, 3);
    expect(shown(raster)).toEqual(['1133']);
    rectangle(raster, [0, 0, 1, 1], 0.1, Fill.Ground, 4);
    expect(shown(raster)).toEqual(['4133']);
  });

  it('counts a silhouette whole although something nearer hides a part of it', () => {
    const raster = new Rasteriser(10, 2);
    rectangle(raster, [0, 0, 5, 2], 3, Fill.Solid, 1);
    raster.beginObject();
    rectangle(raster, [2, 0, 8, 2], 1, Fill.Vehicle, 9);
    rectangle(raster, [2, 0, 8, 2], 1, Fill.Vehicle, 9);
    expect(raster.silhouette.count).toBe(12);
    expect([...raster.triangle].filter((t) => t === 9)).toHaveLength(6);
  });

  it('clips to its borders and ignores what has no area', () => {
    const raster = new Rasteriser(3, 3);
    rectangle(raster, [-50, -50, 50, 50], 1, Fill.Solid, 1);
    expect(shown(raster)).toEqual(['111', '111', '111']);
    raster.fill(0, 0, 9, 1, 1, 9, 2, 2, 9, Fill.Solid, 2);
    raster.fill(NaN, 0, 9, 1, 1, 9, 2, 0, 9, Fill.Solid, 2);
    expect(shown(raster)).toEqual(['111', '111', '111']);
  });

  it('shades and lists only samples that show the ground', () => {
    const raster = new Rasteriser(4, 1);
    rectangle(raster, [0, 0, 4, 1], 1, Fill.Ground, 1);
    rectangle(raster, [2, 0, 4, 1], 2, Fill.Solid, 2);
    rectangle(raster, [1, 0, 3, 1], 1, Fill.Shadow, 0);
    expect([...raster.direct]).toEqual([1, 0, 1, 1]);
    rectangle(raster, [0, 0, 4, 1], 1, Fill.Collect, 0);
    expect([...raster.collected.subarray(0, raster.collectedCount)].sort()).toEqual([0, 1]);
  });
});
