import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FrameHeader, FrameSlots } from './frame-slots.js';
import { letterbox } from './geometry.js';

const header = (ptsUs: number): FrameHeader => ({
  ...letterbox(1280, 720, 640, 384),
  ptsUs,
  epoch: 1,
  receivedAtMs: 1.5,
  decodedAtMs: 2.5,
  writtenAtMs: 3.5,
});

function write(slots: FrameSlots, ptsUs: number, meta?: Uint8Array): void {
  const slot = slots.beginWrite()!;
  slots.picture(slot).fill(ptsUs & 255);
  slots.publish(slot, header(ptsUs), meta);
}

const make = (): FrameSlots => FrameSlots.allocate({ slotCount: 2, pictureBytes: 100, metaBytes: 16 });

describe('FrameSlots', () => {
  it('carries picture, header and side data to a reader that joined by the shared buffer', () => {
    const slots = make();
    const reader = new FrameSlots(slots.shared);
    expect(reader.takeNewest()).toBeNull();
    write(slots, 40_000, new TextEncoder().encode('{"a":1}'));
    expect(reader.hasReady()).toBe(true);
    const taken = reader.takeNewest()!;
    expect(taken.header).toEqual(header(40_000));
    expect(new Set(taken.picture)).toEqual(new Set([40_000 & 255]));
    expect(new TextDecoder().decode(taken.meta)).toBe('{"a":1}');
    expect(reader.takeNewest()).toBeNull();
    reader.release(taken.slot);
  });

  it('lets the latest win and counts what it replaced', () => {
    const slots = make();
    for (let i = 1; i <= 5; i++) write(slots, i);
    expect(slots.takeNewest()!.header.ptsUs).toBe(5);
    expect(slots.replaced).toBe(4);
  });

  it('hands out the earlier of two, and only then', () => {
    const slots = make();
    expect(slots.takeEarlier()).toBeNull();
    write(slots, 1);
    expect(slots.takeEarlier()).toBeNull();
    write(slots, 2);
    const earlier = slots.takeEarlier()!;
    expect(earlier.header.ptsUs).toBe(1);
    expect(new Set(earlier.picture)).toEqual(new Set([1]));
    expect(slots.takeEarlier()).toBeNull();
    expect(slots.takeNewest()!.header.ptsUs).toBe(2);
    expect(slots.replaced).toBe(0);
  });

  it('never overwrites what is being read', () => {
    const slots = make();
    write(slots, 1);
    const taken = slots.takeNewest()!;
    for (let i = 2; i <= 9; i++) write(slots, i);
    expect(taken.picture[0]).toBe(1);
    expect(slots.takeNewest()!.header.ptsUs).toBe(9);
  });

  it('gives a new writer what a dead one was writing, and nothing else', () => {
    const slots = make();
    write(slots, 1);
    const abandoned = slots.beginWrite()!;
    const successor = new FrameSlots(slots.shared);
    successor.takeOverWriting();
    expect(slots.isEmpty(abandoned)).toBe(true);
    expect(slots.takeNewest()!.header.ptsUs).toBe(1);
    // The reader holds one slot: without the other there would be nothing to write.
    write(successor, 2);
    expect(slots.takeNewest()!.header.ptsUs).toBe(2);
  });

  it('frees what a dead reader held', () => {
    const slots = make();
    write(slots, 1);
    const taken = slots.takeNewest()!;
    expect(slots.isEmpty(taken.slot)).toBe(false);
    slots.reclaim();
    expect(slots.isEmpty(taken.slot)).toBe(true);
  });

  it('refuses side data that does not fit', () => {
    const slots = make();
    const slot = slots.beginWrite()!;
    expect(() => slots.publish(slot, header(1), new Uint8Array(17))).toThrow(RangeError);
    slots.cancelWrite(slot);
    expect(slots.isEmpty(slot)).toBe(true);
  });

  it('accounts for every picture in any interleaving, and always hands out the newest', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('write', 'take', 'release'), { maxLength: 200 }), (steps) => {
        const slots = make();
        let written = 0;
        let taken = 0;
        let held: number | null = null;
        for (const step of steps) {
          if (step === 'write') write(slots, ++written);
          else if (step === 'take' && held === null) {
            const frame = slots.takeNewest();
            if (!frame) continue;
            expect(frame.header.ptsUs).toBe(written);
            taken++;
            held = frame.slot;
          } else if (step === 'release' && held !== null) {
            slots.release(held);
            held = null;
          }
        }
        let waiting = 0;
        const rest = held === null ? slots : null;
        if (rest) while (rest.takeNewest()) waiting++;
        if (rest) expect(taken + waiting + slots.replaced).toBe(written);
      }),
    );
  });
});
