import { describe, expect, it } from 'vitest';

import { outageOf } from './tile-status.js';
import type { TileStatus } from './tile-status.js';

const NOW = new Date(2026, 10, 23, 14, 5, 0).getTime();
const LIVE: TileStatus = {
  streamId: 'a',
  state: 'live',
  reason: null,
  fps: 25,
  dropRate: 0,
  sinceEpochMs: NOW - 100_000,
};

describe('outageOf', () => {
  it('finds nothing wrong with a live stream and a fresh picture, or one that is still to come', () => {
    expect(outageOf(LIVE, 2999, 9999, NOW)).toBeNull();
    expect(outageOf(LIVE, null, 2999, NOW)).toBeNull();
  });

  it('says that a live stream has no pictures, and since when', () => {
    expect(outageOf(LIVE, 65_000, 99_999, NOW)).toMatchObject({
      title: 'NO PICTURE',
      since: 'since 14:03:55, 1 min 05 s',
    });
    expect(outageOf(LIVE, null, 3000, NOW)?.title).toBe('NO PICTURE');
  });

  it.each(['stalled', 'backoff', 'failed'] as const)(
    'has no signal in state %s, however fresh the picture',
    (state) => {
      const outage = outageOf({ ...LIVE, state, reason: 'Nothing listens there' }, 10, 9999, NOW);
      expect(outage).toEqual({
        title: 'NO SIGNAL',
        reason: 'Nothing listens there',
        since: 'since 14:03:20, 1 min 40 s',
      });
    },
  );

  it('tells the first connection from a lost one', () => {
    expect(outageOf({ ...LIVE, state: 'connecting' }, null, 0, NOW)?.title).toBe('CONNECTING');
    expect(outageOf({ ...LIVE, state: 'connecting', reason: 'timed out' }, null, 0, NOW)?.title).toBe('NO SIGNAL');
  });
});
