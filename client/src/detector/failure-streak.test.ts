import { expect, it } from 'vitest';
import { FailureStreak } from './failure-streak.js';

it('bears single failures, and not many in a row', () => {
  const streak = new FailureStreak(3);
  expect([streak.failed(), streak.failed()]).toEqual([false, false]);
  streak.succeeded();
  expect([streak.failed(), streak.failed(), streak.failed(), streak.failed()]).toEqual([false, false, true, true]);
});
