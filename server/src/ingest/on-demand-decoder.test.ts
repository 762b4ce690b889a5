import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../core/testing.js';
import { OnDemandDecoder } from './on-demand-decoder.js';

const GOP = 10;
const DECODE_MS = 3;

describe('OnDemandDecoder', () => {
  let clock: ManualClock;
  let decoder: OnDemandDecoder;
  let wanted: boolean;
  let pauses: number;
  let decoded: number[];
  let refuse: number | null;
  let next: number;

  beforeEach(() => {
    clock = new ManualClock();
    wanted = true;
    pauses = 0;
    decoded = [];
    refuse = null;
    next = 0;
    decoder = new OnDemandDecoder({
      clock,
      decode: ({ ptsUs }) => {
        clock.advance(DECODE_MS);
        if (ptsUs !== refuse) decoded.push(ptsUs);
        return ptsUs !== refuse;
      },
      wanted: () => wanted,
      onPause: () => pauses++,
    });
  });

  /** So many units; every tenth is a keyframe. */
  function feed(count: number, bytes = 100): boolean[] {
    return Array.from({ length: count }, () => {
      const ptsUs = next++;
      return decoder.push({ data: new Uint8Array(bytes), ptsUs, isKeyframe: ptsUs % GOP === 0, receivedAtMs: 0 });
    });
  }
  const upTo = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

  it('decodes what is wanted as it comes', () => {
    feed(25);
    expect(decoded).toEqual(upTo(0, 25));
    expect(decoder.behind).toBe(0);
  });

  it('pauses at the next keyframe, not before', () => {
    feed(5);
    wanted = false;
    feed(30);
    expect(decoded).toEqual(upTo(0, GOP));
    expect([decoder.isPaused, pauses]).toEqual([true, 1]);
  });

  it('takes up the whole group of pictures when it is wanted again, in slices, without a gap', () => {
    feed(10);
    wanted = false;
    feed(19);
    wanted = true;
    decoder.wake();
    expect(decoded.slice(GOP).length).toBeGreaterThan(1);
    expect(decoder.behind).toBeGreaterThan(0);
    feed(1);
    clock.advance(100);
    expect(decoder.behind).toBe(0);
    feed(5);
    expect(decoded).toEqual([...upTo(0, 10), ...upTo(20, 35)]);
  });

  it('leaves out what comes before a keyframe while it catches up', () => {
    feed(1);
    wanted = false;
    feed(19);
    wanted = true;
    decoder.wake();
    feed(2);
    clock.advance(100);
    expect(decoded).toContain(20);
    expect(decoded).not.toContain(19);
    expect(decoded.at(-1)).toBe(21);
  });

  it('wakes by itself at the next unit', () => {
    wanted = false;
    feed(3);
    expect(decoded).toEqual([]);
    wanted = true;
    feed(1);
    clock.advance(100);
    expect(decoded).toEqual(upTo(0, 4));
  });

  it('tells of a unit that was refused in catching up, and begins anew with the next one', () => {
    wanted = false;
    feed(8);
    refuse = 1;
    wanted = true;
    decoder.wake();
    clock.advance(100);
    expect(decoded).toEqual([0]);
    expect(feed(1)).toEqual([false]);
    decoder.forget();
    next = 20;
    expect(feed(2)).toEqual([true, true]);
    expect(decoded).toEqual([0, 20, 21]);
  });

  it('begins with whatever comes after a loss: the gate has chosen it', () => {
    wanted = false;
    feed(8);
    decoder.forget();
    next = 15;
    feed(1);
    wanted = true;
    decoder.wake();
    expect(decoded).toEqual([15]);
  });

  it('bounds what it keeps: a group of pictures without end is decoded after all', () => {
    wanted = false;
    next = 1;
    decoder.push({ data: new Uint8Array(100), ptsUs: 0, isKeyframe: true, receivedAtMs: 0 });
    for (let i = 1; i < 2000; i++)
      decoder.push({ data: new Uint8Array(100), ptsUs: i, isKeyframe: false, receivedAtMs: 0 });
    clock.advance(10_000);
    expect(decoder.behind).toBe(0);
    expect(decoded).toHaveLength(2000);
    expect(decoder.isPaused).toBe(false);
  });

  it('leaves no timer behind', () => {
    wanted = false;
    feed(9);
    wanted = true;
    decoder.wake();
    expect(clock.pendingTimers).toBe(1);
    decoder.close();
    decoder.close();
    expect(clock.pendingTimers).toBe(0);
  });
});
