import { expect, it } from 'vitest';
import { trackForLong } from './tracker.js';

it('sees the tracker flat, and one whose tracks are kept not', () => {
  const flat = trackForLong(20_000);
  expect(flat.tracks).toBeGreaterThan(100);
  expect(flat.heapEnd - flat.heapStart).toBeLessThan(1);
  const kept: unknown[] = [];
  const leaking = trackForLong(20_000, (tracks) => kept.push(tracks));
  expect(leaking.heapEnd - leaking.heapStart).toBeGreaterThan(1);
  expect(kept).toHaveLength(20_000);
}, 60_000);
