import { describe, expect, it } from 'vitest';
import type { TrackMessage } from '../core/types.js';
import { type LiveStream, StreamRoster } from './stream-roster.js';
import { StreamStateRecord } from './stream-state.js';

function setUp() {
  const roster = new StreamRoster();
  const add = (id: string): LiveStream => {
    const state = new StreamStateRecord(roster.newIndex(), id, 'rtsp://h/x', 'tcp', 0);
    state.begin(roster.beginningOf(id));
    const live = {
      key: roster.newKey(),
      state,
      analytics: null,
      slots: null,
      configured: null,
    } as unknown as LiveStream;
    roster.add(live);
    return live;
  };
  const indexes = (): Record<string, number> =>
    Object.fromEntries([...roster].map(({ state }) => [state.id, state.index]));
  return { roster, add, indexes };
}

/** A frame without vehicles. */
const tracked = (ptsUs: number): TrackMessage => ({
  stream: 'any',
  ptsUs,
  rtpTimestamp: 0,
  epoch: 1,
  width: 640,
  height: 360,
  tracks: [],
});

describe('StreamRoster', () => {
  it('gives an index to nobody else while others are free', () => {
    const { roster, add, indexes } = setUp();
    add('a');
    add('b');
    roster.remove(roster.get('a')!);
    add('c');
    roster.remove(roster.get('c')!);
    add('a');
    expect(indexes()).toEqual({ b: 1, a: 3 });
  });

  it('begins again after the last index, without those in use', () => {
    const { roster, add, indexes } = setUp();
    add('first');
    for (let i = 1; i < 65_536; i++) roster.newIndex();
    add('next');
    expect(indexes()).toEqual({ first: 0, next: 1 });
  });

  it('never gives a key twice: what comes late for a stream that is gone finds nothing', () => {
    const { roster, add } = setUp();
    const old = add('a');
    roster.remove(old);
    const anew = add('a');
    expect(roster.byKey(old.key)).toBeUndefined();
    expect(roster.byKey(anew.key)).toBe(anew);
    const before = anew.key;
    roster.rekey(anew, roster.newKey());
    expect(roster.byKey(before)).toBeUndefined();
    expect(roster.byKey(anew.key)).toBe(anew);
    expect(roster.get('a')).toBe(anew);
  });

  it('lets a stream that comes back go on above its time and in a new epoch', () => {
    const { roster, add } = setUp();
    const first = add('a');
    expect(roster.beginningOf('nobody')).toEqual({ ptsUs: 0, epoch: 1 });
    first.state.frameDetected(tracked(5_000_000), 0);
    roster.remove(first);
    const second = add('a');
    expect(second.state.lastPtsUs).toBe(65_000_000);
    expect(second.state.condition.epoch).toBe(2);
    // Gone before its first frame: time goes on all the same.
    roster.remove(second);
    expect(add('a').state).toMatchObject({ lastPtsUs: 125_000_000, condition: { epoch: 3 } });
  });

  it('remembers a bounded number of streams that are gone', () => {
    const { roster, add } = setUp();
    for (let i = 0; i < 300; i++) {
      const live = add(`s${i}`);
      live.state.frameDetected(tracked(1), 0);
      roster.remove(live);
    }
    const remembered = Array.from({ length: 300 }, (_, i) => roster.beginningOf(`s${i}`)).filter(
      ({ epoch }) => epoch > 1,
    );
    expect(remembered).toHaveLength(256);
    expect(roster.ids).toEqual([]);
  });

  it('puts streams in order', () => {
    const { roster, add } = setUp();
    for (const id of ['a', 'b', 'c']) add(id);
    roster.sort(['c', 'a', 'b']);
    expect(roster.ids).toEqual(['c', 'a', 'b']);
    expect([...roster].map(({ state }) => state.index)).toEqual([2, 0, 1]);
  });
});
