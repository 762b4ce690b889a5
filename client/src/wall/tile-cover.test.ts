import { expect, it } from 'vitest';
import type { StreamWords } from '../state/stream-words.js';
import { coverOf } from './tile-cover.js';

const live: StreamWords = { tone: 'live', state: 'live', reason: null, advice: null };
const gone: StreamWords = { tone: 'warn', state: 'offline', reason: 'refused', advice: 'Is it powered?' };
const shown = (silentMs: number) => ({ presented: 100, silentMs });

it('is nothing while the picture moves', () => {
  expect(coverOf(live, false, shown(40))).toBeNull();
  expect(coverOf(live, true, null)).toBeNull();
});

it('says what is with the camera, whatever was shown last', () => {
  expect(coverOf(gone, false, shown(40))).toEqual({ title: 'offline', text: 'refused', advice: 'Is it powered?' });
  expect(coverOf(gone, true, null)?.title).toBe('offline');
});

it('says that video is on its way, or that it stands', () => {
  expect(coverOf(live, false, null)?.title).toBe('connecting');
  expect(coverOf(live, false, { presented: 0, silentMs: 0 })?.title).toBe('connecting');
  expect(coverOf(live, false, shown(3000))).toBeNull();
  expect(coverOf(live, false, shown(4200))).toMatchObject({
    title: 'stalled',
    text: 'No frame for 4 s, though the camera is live',
  });
});
