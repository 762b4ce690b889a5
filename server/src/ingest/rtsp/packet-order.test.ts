import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReorderBuffer } from './reorder-buffer.js';
import { parseRtpPacket, type RtpPacket, type SequencedRtpPacket } from './rtp-packet.js';
import { RtpSequencer } from './rtp-sequencer.js';
import { FakeClock } from './testing/fake-clock.js';
import { buildRtp } from './testing/rtp-builder.js';

const packet = (sequenceNumber: number, ssrc = 1): RtpPacket =>
  parseRtpPacket(buildRtp({ sequenceNumber: sequenceNumber & 0xffff, ssrc }), 0)!;

function chain(
  minWaitMs = 30,
  maxPackets = 64,
  maxWaitMs = minWaitMs,
): {
  push: (...packets: RtpPacket[]) => void;
  out: SequencedRtpPacket[];
  clock: FakeClock;
  buffer: ReorderBuffer;
  sequencer: RtpSequencer;
} {
  const clock = new FakeClock();
  const out: SequencedRtpPacket[] = [];
  const sequencer = new RtpSequencer();
  const buffer = new ReorderBuffer({ minWaitMs, maxWaitMs, maxPackets, clock }, (placed) => out.push(placed));
  const push = (...packets: RtpPacket[]): void => {
    for (const one of packets) for (const placed of sequencer.place(one)) buffer.push(placed);
  };
  return { push, out, clock, buffer, sequencer };
}

const numbers = (packets: readonly SequencedRtpPacket[]): number[] => packets.map((one) => one.sequenceNumber);

describe('sequence numbers', () => {
  it('go on over the wrap', () => {
    const { push, out } = chain();
    push(packet(65_534), packet(65_535), packet(0), packet(1));
    expect(out.map((one) => one.extendedSequence)).toEqual([65_534, 65_535, 65_536, 65_537]);
    expect(out.every((one) => one.lostBefore === 0 && !one.sourceReset)).toBe(true);
  });

  it.each([
    ['another SSRC', [packet(7, 2), packet(8, 2)]],
    ['a jump ahead', [packet(20_000), packet(20_001)]],
    ['a jump back', [packet(60_000), packet(60_001)]],
  ])('start anew with %s, and lose nothing', (_name, [first, second]) => {
    const { push, out, sequencer, buffer } = chain();
    push(packet(100), packet(101), first!);
    expect(out).toHaveLength(2);
    push(second!);
    expect(out).toHaveLength(4);
    expect(out.map((one) => one.sourceReset)).toEqual([false, false, true, false]);
    expect(out[2]!.extendedSequence).toBeGreaterThan(out[1]!.extendedSequence);
    expect([sequencer.resets, sequencer.strays, buffer.lost]).toEqual([1, 0, 0]);
  });

  it('are not upset by a single stray packet', () => {
    const { push, out, sequencer } = chain();
    push(packet(1), packet(30_000), packet(2), packet(9, 99), packet(3));
    expect(numbers(out)).toEqual([1, 2, 3]);
    expect([sequencer.resets, sequencer.strays]).toEqual([0, 2]);
  });
});

describe('ReorderBuffer', () => {
  it('waits for a packet that is late, but only so long', () => {
    const { push, out, clock, buffer } = chain(30);
    push(packet(1), packet(3), packet(4));
    expect(numbers(out)).toEqual([1]);
    push(packet(2));
    expect(numbers(out)).toEqual([1, 2, 3, 4]);
    push(packet(6));
    clock.advance(29);
    expect(out).toHaveLength(4);
    clock.advance(1);
    expect(out.at(-1)).toMatchObject({ sequenceNumber: 6, lostBefore: 1 });
    push(packet(5), packet(6));
    expect([buffer.lost, buffer.late, buffer.duplicates, buffer.reordered]).toEqual([1, 1, 1, 1]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('times gaps at once, each from when it was noticed, not one after the other', () => {
    const { push, out, clock, buffer } = chain(30);
    push(packet(1), packet(3));
    clock.advance(10);
    push(packet(5));
    clock.advance(10);
    push(packet(7), packet(8));
    clock.advance(9);
    expect(numbers(out)).toEqual([1]);
    clock.advance(1);
    expect(numbers(out)).toEqual([1, 3]);
    clock.advance(9);
    expect(numbers(out)).toEqual([1, 3]);
    clock.advance(1);
    expect(numbers(out)).toEqual([1, 3, 5]);
    clock.advance(10);
    expect(numbers(out)).toEqual([1, 3, 5, 7, 8]);
    expect(out.map((one) => one.lostBefore)).toEqual([0, 1, 1, 1, 0]);
    expect([buffer.lost, clock.pendingTimers]).toEqual([3, 0]);
  });

  it('gives up gaps that were noticed together together, and none that was noticed later', () => {
    const { push, out, clock } = chain(30);
    push(packet(1), packet(3), packet(5), packet(7));
    clock.advance(30);
    expect(numbers(out)).toEqual([1, 3, 5, 7]);
    push(packet(9));
    clock.advance(20);
    push(packet(11), packet(8));
    expect(numbers(out)).toEqual([1, 3, 5, 7, 8, 9]);
    // Its own time, although another gap was being waited for before.
    clock.advance(29);
    expect(out).toHaveLength(6);
    clock.advance(1);
    expect(numbers(out).at(-1)).toBe(11);
  });

  it('waits as long as packets are seen to be late, up to its limit', () => {
    const { push, out, clock, buffer } = chain(30, undefined, 300);
    push(packet(1), packet(3));
    clock.advance(150);
    expect(numbers(out)).toEqual([1, 3]);
    // 150 ms late: too late this time.
    push(packet(2), packet(5));
    clock.advance(150);
    push(packet(4));
    expect(numbers(out)).toEqual([1, 3, 4, 5]);
    push(packet(7));
    clock.advance(187);
    expect(out).toHaveLength(4);
    clock.advance(1);
    expect(numbers(out)).toEqual([1, 3, 4, 5, 7]);
    expect([buffer.lost, buffer.late, buffer.reordered]).toEqual([2, 1, 1]);
    // Nothing was late for a while.
    clock.advance(60_000);
    push(packet(9));
    clock.advance(30);
    expect(numbers(out).at(-1)).toBe(9);
  });

  it('does not wait at all over TCP', () => {
    const { push, out } = chain(0);
    push(packet(1), packet(5));
    expect(out[1]).toMatchObject({ sequenceNumber: 5, lostBefore: 3 });
  });

  it('hands out what waits before a source reset', () => {
    const { push, out } = chain();
    push(packet(1), packet(3), packet(500, 2), packet(501, 2));
    expect(numbers(out)).toEqual([1, 3, 500, 501]);
    expect(out.map((one) => one.lostBefore)).toEqual([0, 1, 0, 0]);
  });

  it('puts any small disorder with losses and duplicates right, and holds a bounded number', () => {
    const scenario = fc.record({
      start: fc.integer({ min: 0, max: 65_535 }),
      lost: fc.uniqueArray(fc.integer({ min: 1, max: 58 }), { maxLength: 10 }),
      // Each packet is delayed by so many places.
      delays: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 60, maxLength: 60 }),
      duplicates: fc.array(fc.integer({ min: 0, max: 59 }), { maxLength: 10 }),
    });
    fc.assert(
      fc.property(scenario, ({ start, lost, delays, duplicates }) => {
        const { push, out, clock, buffer } = chain(30, 16);
        const sent = [...delays.keys(), ...duplicates]
          .filter((index) => !lost.includes(index))
          // The first one fixes where the stream begins.
          .map((index) => ({ index, place: index === 0 ? -1 : index + delays[index]! }))
          .sort((a, b) => a.place - b.place);
        for (const { index } of sent) {
          push(packet(start + index));
          expect(buffer.heldPackets).toBeLessThanOrEqual(16);
        }
        clock.advance(1000);
        const expected = [...delays.keys()].filter((index) => !lost.includes(index));
        expect(numbers(out)).toEqual(expected.map((index) => (start + index) & 0xffff));
        expect(buffer.lost).toBe(lost.length);
        expect(buffer.duplicates).toBe(sent.length - expected.length);
        expect(out.reduce((sum, one) => sum + one.lostBefore, 0)).toBe(lost.length);
      }),
    );
  });

  it('releases nothing and keeps no timer after close()', () => {
    const { push, out, clock, buffer } = chain();
    push(packet(1), packet(3));
    buffer.close();
    buffer.close();
    push(packet(2));
    expect(out).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
    expect(buffer.heldPackets).toBe(0);
  });
});
