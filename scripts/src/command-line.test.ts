import { describe, expect, it } from 'vitest';
import { secondsFlag, wholeNumber } from './command-line.js';

describe('wholeNumber', () => {
  it.each(['1', '64', '007'])('takes %s', (text) => {
    expect(wholeNumber(1, 64)(text)).toBe(Number(text));
  });

  it.each(['', '0', '65', '-1', '1.5', '1e1', 'x'])('refuses %j and says what it takes', (text) => {
    expect(() => wholeNumber(1, 64)(text)).toThrow('from 1 to 64');
  });
});

describe('secondsFlag', () => {
  it.each(['1', '0.5', '3600', '2147483'])('takes %s', (text) => {
    expect(secondsFlag(text)).toBe(Number(text));
  });

  // The last would make a timer fire at once.
  it.each(['', '0', '-1', 'Infinity', 'NaN', '1e9', '2147484'])('refuses %j', (text) => {
    expect(() => secondsFlag(text)).toThrow('number of seconds');
  });
});
