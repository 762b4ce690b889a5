import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { takeToken } from './access.js';

let shown: string;
let answers: (() => Promise<Partial<Response>>)[];
const sent: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  sent.length = 0;
  vi.stubGlobal('location', { search: '?lend=1&token=lct_secret', pathname: '/', hash: '#north' });
  vi.stubGlobal('history', { replaceState: (_: unknown, __: string, to: string) => (shown = to) });
  vi.stubGlobal('fetch', (_: string, { body }: { body: string }) => {
    sent.push(body);
    return answers.shift()!();
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const answer = (status: number) => () => Promise.resolve({ ok: status < 300, status });

it('takes the token out of the address, and logs in with it', async () => {
  answers = [answer(204)];
  await takeToken();
  expect(shown).toBe('/?lend=1#north');
  expect(sent).toEqual(['{"token":"lct_secret"}']);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(sent).toHaveLength(1);
});

it('goes on trying while the server cannot be reached or has no patience, and not after an answer', async () => {
  answers = [() => Promise.reject(new TypeError('Failed to fetch')), answer(429), answer(401)];
  await takeToken();
  expect(sent).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(sent).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(sent).toHaveLength(3);
});

it('asks nobody without a token', async () => {
  vi.stubGlobal('location', { search: '?lend=1', pathname: '/', hash: '' });
  await takeToken();
  expect(sent).toEqual([]);
});
