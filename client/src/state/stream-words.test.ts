import { expect, it } from 'vitest';
import { bitrateText, rateText, streamWords } from './stream-words.js';

it('says nothing of a stream that is live', () => {
  expect(streamWords({ state: 'live', reason: null })).toEqual({
    tone: 'live',
    state: 'live',
    reason: null,
    advice: null,
  });
});

it.each([
  ['connecting', 'warn', 'connecting'],
  ['stalled', 'warn', 'stalled'],
  ['backoff', 'warn', 'offline'],
  ['failed', 'bad', 'failed'],
] as const)('explains %s, and what to do', (state, tone, word) => {
  const words = streamWords({ state, reason: { code: 'x', message: 'The camera refused the connection' } });
  expect(words).toMatchObject({ tone, state: word, reason: 'The camera refused the connection' });
  expect(words.advice).not.toBe('');
});

it('writes figures as short as they are exact', () => {
  expect([840, 1234, 12_345].map(bitrateText)).toEqual(['840 kbit/s', '1.2 Mbit/s', '12 Mbit/s']);
  expect([0, 7.44, 9.96, 24.9].map(rateText)).toEqual(['0.0', '7.4', '10', '25']);
});
