import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Batcher } from './batcher.js';

interface Stream {
  name: string;
  ready: boolean;
  lastServedMs: number;
}

const stream = (name: string, ready: boolean, lastServedMs: number): Stream => ({ name, ready, lastServedMs });
const names = (batch: readonly Stream[]) => batch.map((s) => s.name).join('');

describe('Batcher', () => {
  it('takes the streams that were served longest ago, new ones first', () => {
    const batcher = new Batcher<Stream>({ maxBatch: 3, maxWaitMs: 0 });
    const streams = [
      stream('a', true, 90),
      stream('b', true, 10),
      stream('c', false, 0),
      stream('d', true, -Infinity),
      stream('e', true, 50),
      stream('f', true, -Infinity),
    ];
    expect(names(batcher.next(streams, 100).batch)).toBe('dfb');
  });

  it('has nothing to do without frames', () => {
    const batcher = new Batcher<Stream>({ maxBatch: 3, maxWaitMs: 5 });
    expect(batcher.next([stream('a', false, 90)], 100)).toEqual({ batch: [], waitMs: Infinity });
    expect(batcher.next([], 100)).toEqual({ batch: [], waitMs: Infinity });
  });

  it('waits for an active stream, no longer than the limit from the first frame', () => {
    const batcher = new Batcher<Stream>({ maxBatch: 2, maxWaitMs: 5 });
    const streams = [stream('a', true, 60), stream('b', false, 70)];
    expect(batcher.next(streams, 100)).toEqual({ batch: [], waitMs: 5 });
    expect(batcher.next(streams, 103)).toEqual({ batch: [], waitMs: 2 });
    expect(names(batcher.next(streams, 105).batch)).toBe('a');
    // The next wait begins anew.
    expect(batcher.next(streams, 106)).toEqual({ batch: [], waitMs: 5 });
  });

  it('goes as soon as the batch is full', () => {
    const batcher = new Batcher<Stream>({ maxBatch: 2, maxWaitMs: 5 });
    const streams = [stream('a', true, 60), stream('b', false, 70), stream('c', false, 80)];
    expect(batcher.next(streams, 100).waitMs).toBe(5);
    streams[1]!.ready = true;
    expect(names(batcher.next(streams, 101).batch)).toBe('ab');
  });

  it.each<[string, Stream[], number]>([
    ['a batch of one is all there may be', [stream('a', true, 60), stream('b', false, 70)], 1],
    ['no other stream is there', [stream('a', true, 60)], 8],
    ['every stream is ready', [stream('a', true, 60), stream('b', true, 70)], 8],
    ['the other stream has been silent', [stream('a', true, 1960), stream('b', false, 900)], 8],
    ['the other stream has never had a frame', [stream('a', true, 1960), stream('b', false, -Infinity)], 8],
  ])('does not wait when %s', (_, streams, maxBatch) => {
    const batcher = new Batcher<Stream>({ maxBatch, maxWaitMs: 5 });
    expect(batcher.next(streams, 2000).batch.length).toBeGreaterThan(0);
  });

  it('serves every stream at least every ceil(streams / batch) batches, however many frames the others have', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 8 }), (count, maxBatch) => {
        const batcher = new Batcher<Stream>({ maxBatch, maxWaitMs: 5 });
        const streams = Array.from({ length: count }, (_, i) => stream(String(i), true, -Infinity));
        const rounds = Math.ceil(count / maxBatch);
        const lastRound = new Map<Stream, number>();
        for (let round = 0; round < 5 * rounds; round++) {
          const { batch } = batcher.next(streams, round);
          expect(batch).toHaveLength(Math.min(count, maxBatch));
          for (const served of batch) {
            expect(round - (lastRound.get(served) ?? round - 1)).toBeLessThanOrEqual(rounds);
            lastRound.set(served, round);
            served.lastServedMs = round;
          }
        }
        expect(lastRound.size).toBe(count);
      }),
    );
  });
});
