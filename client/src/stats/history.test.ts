import { describe, expect, it } from 'vitest';
import { History } from './history.js';

describe('History', () => {
  it('keeps columns as long as the time axis, with gaps for what was not there', () => {
    const history = new History();
    history.add(1, { a: 10 });
    history.add(2, { a: 11, b: 5 });
    history.add(3, { b: 6 });
    expect(history.columns(['a', 'b', 'never'])).toEqual([
      [1, 2, 3],
      [10, 11, null],
      [null, 5, 6],
      [null, null, null],
    ]);
  });

  it('forgets the oldest samples, and names of which nothing is left', () => {
    const history = new History(3);
    history.add(0, { old: 1 });
    for (let i = 1; i <= 5; i++) history.add(i, { a: i });
    expect(history.length).toBe(3);
    expect(history.columns(['a', 'old'])).toEqual([
      [3, 4, 5],
      [3, 4, 5],
      [null, null, null],
    ]);
  });
});
