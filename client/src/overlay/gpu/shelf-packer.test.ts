import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShelfPacker } from './shelf-packer.js';

const size = fc.record({ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 40 }) });

test('what is placed lies inside and apart from everything else', () => {
  fc.assert(
    fc.property(fc.array(size, { maxLength: 120 }), (sizes) => {
      const packer = new ShelfPacker(128);
      const placed = sizes.flatMap(({ width, height }) => {
        const spot = packer.place(width, height);
        return spot ? [{ ...spot, width, height }] : [];
      });
      for (const a of placed) {
        expect(a.x + a.width).toBeLessThanOrEqual(128);
        expect(a.y + a.height).toBeLessThanOrEqual(128);
        for (const b of placed) {
          const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
          expect(a === b || apart).toBe(true);
        }
      }
    }),
  );
});

test('glyphs of like heights fill most of the square', () => {
  const packer = new ShelfPacker(256);
  let area = 0;
  for (let i = 0; ; i++) {
    const width = 7 + (i % 5);
    const height = 14 + (i % 3);
    if (!packer.place(width, height)) break;
    area += width * height;
  }
  expect(area / 256 ** 2).toBeGreaterThan(0.65);
});

test('full says so, and clear begins anew', () => {
  const packer = new ShelfPacker(32);
  expect(packer.place(32, 32)).toEqual({ x: 0, y: 0 });
  expect(packer.place(1, 1)).toBeNull();
  packer.clear();
  expect(packer.place(33, 1)).toBeNull();
  expect(packer.place(32, 16)).toEqual({ x: 0, y: 0 });
});
