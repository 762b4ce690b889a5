import { expect, it } from 'vitest';
import { measureSpeed } from './speed.js';

/** Takes what the script says; Infinity where it is only warming up. */
function model(name: string, timesMs: number[], order: string[]) {
  return {
    timeInference: () => {
      order.push(name);
      return Promise.resolve(timesMs.shift() ?? 7);
    },
  };
}

it('takes turns, leaves out the first of each, and gives the least and the median', async () => {
  const order: string[] = [];
  const speeds = await measureSpeed(
    [model('a', [Infinity, 5, 1, 3], order), model('b', [Infinity, 2, 2, 4], order)],
    3,
  );
  expect(order.join('')).toBe('aaaabbbb');
  expect(speeds).toEqual([
    { runs: 3, minMs: 1, medianMs: 3 },
    { runs: 3, minMs: 2, medianMs: 2 },
  ]);
});

it('comes back to a model after ten', async () => {
  const order: string[] = [];
  const [speed] = await measureSpeed([model('a', [], order), model('b', [], order)], 12);
  expect(order.join('')).toBe(`${'a'.repeat(11)}${'b'.repeat(11)}aaabbb`);
  expect(speed).toEqual({ runs: 12, minMs: 7, medianMs: 7 });
});
