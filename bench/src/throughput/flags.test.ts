import { describe, expect, it } from 'vitest';
import { countsFlag, secondsOrNoneFlag } from './flags.js';

describe('countsFlag', () => {
  it('takes one number or several', () => {
    expect(countsFlag('8')).toEqual([8]);
    expect(countsFlag('8,16,64')).toEqual([8, 16, 64]);
  });

  it.each(['', '0', '8,', '8,x', '1.5', '257'])('refuses %j', (text) => {
    expect(() => countsFlag(text)).toThrow('whole numbers');
  });
});

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
