import { describe, expect, it } from 'vitest';
import { secondsOrNoneFlag } from './flags.js';

describe('secondsOrNoneFlag', () => {
  it.each([
    ['0', 0],
    ['0.0', 0],
    ['2.5', 2.5],
  ])('takes %s', (text, seconds) => {
    expect(secondsOrNoneFlag(text)).toBe(seconds);
  });

  it.each(['', '-1', 'x', '1e9'])('refuses %j and says what it takes', (text) => {
    expect(() => secondsOrNoneFlag(text)).toThrow('seconds, 0 or more and at most');
  });
});
