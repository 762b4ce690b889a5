import { expect, it } from 'vitest';
import { narrowRange } from './value-range.js';

it('narrowRange maps the ends and the middle, and leaves what lies beside the rows', () => {
  const luma = Uint8Array.from([0, 255, 7, 128, 64, 7]);
  narrowRange(luma, 3, 2, 2, true);
  expect([...luma]).toEqual([16, 235, 7, 126, 71, 7]);
  const chroma = Uint8Array.from([0, 128, 255]);
  narrowRange(chroma, 3, 3, 1, false);
  expect([...chroma]).toEqual([16, 128, 240]);
});
