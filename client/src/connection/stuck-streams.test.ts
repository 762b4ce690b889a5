import { expect, it } from 'vitest';
import { type DueStream, StuckStreams } from './stuck-streams.js';

const S = 1000;

/** Looks every second from `fromS` to `toS`; returns when it asked for another connection, in seconds. */
function watch(streams: StuckStreams, fromS: number, toS: number, due: (nowMs: number) => DueStream[]): number[] {
  const asked: number[] = [];
  for (let s = fromS; s <= toS; s++) {
    if (streams.look(s * S, due(s * S)) === null) continue;
    asked.push(s);
    streams.beginAnew();
  }
  return asked;
}

const well = (nowMs: number): DueStream => ({ id: 'well', lastPresentedMs: nowMs - 40 });
const still = (sinceMs: number): DueStream => ({ id: 'still', lastPresentedMs: sinceMs });

it('leaves alone what moves, and what should not be seen', () => {
  expect(watch(new StuckStreams(), 0, 7200, (now) => [well(now)])).toEqual([]);
  expect(watch(new StuckStreams(), 0, 7200, () => [])).toEqual([]);
  // A tile comes into sight for ten seconds of each twenty.
  expect(watch(new StuckStreams(), 0, 600, (now) => (now % 20_000 < 10_000 ? [still(0)] : []))).toEqual([]);
});

it('finds one that stands still, also one that never had a picture, and asks ever more rarely', () => {
  const asked = watch(new StuckStreams(), 0, 5 * 3600, (now) => [well(now), still(0)]);
  expect(asked.slice(0, 4)).toEqual([16, 196, 556, 1276]);
  expect(asked.slice(1).map((s, i) => s - asked[i]!)).toEqual([180, 360, 720, 1440, 2880, 3600, 3600, 3600]);
  expect(watch(new StuckStreams(), 0, 30, (now) => [well(now), { id: 'never', lastPresentedMs: -Infinity }])).toEqual([
    16,
  ]);
});

it('begins again with short pauses for one that was well for long, and with what is gone', () => {
  const streams = new StuckStreams();
  expect(watch(streams, 0, 20, () => [still(0)])).toEqual([16]);
  // Helped, but not for long.
  expect(watch(streams, 21, 60, (now) => [still(Math.min(now, 30_000))])).toEqual([]);
  expect(watch(streams, 61, 300, (now) => [well(now), still(now)])).toEqual([]);
  expect(watch(streams, 301, 340, () => [still(300_000)])).toEqual([316]);
  streams.forget('still');
  expect(watch(streams, 341, 380, () => [still(300_000)])).toEqual([341]);
});
