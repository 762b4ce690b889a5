import { expect, it } from 'vitest';
import { seededRandom } from '@lanecast/server/core/random';
import { planRound, VIEWER_KINDS } from './churn.js';

const plan = (seed: number) => planRound({ cameras: 4, visits: 12, rude: 0.3, busyS: 90, random: seededRandom(seed) });

it('is the same for the same seed, and another for another', () => {
  expect(plan(1)).toEqual(plan(1));
  expect(plan(1)).not.toEqual(plan(2));
});

it('ends in time, with every kind of viewer and a camera that dies and is back early', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const events = plan(seed);
    const kinds = events.flatMap((event) => (event.kind === 'viewer' ? [event.viewer] : []));
    expect(new Set(kinds)).toEqual(new Set(VIEWER_KINDS));
    for (const { kind, atS, lastsS, camera } of events) {
      expect(atS).toBeGreaterThanOrEqual(0);
      expect(lastsS).toBeGreaterThan(0);
      expect(atS + lastsS).toBeLessThanOrEqual(kind === 'camera' ? 63 : 90);
      expect([0, 1, 2, 3]).toContain(camera);
    }
    expect(events.filter(({ kind }) => kind === 'camera')).toHaveLength(1);
  }
});
