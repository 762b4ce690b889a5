import { beforeEach, expect, it } from 'vitest';
import { FrameSlots } from '../../../core/frame-slots.js';
import type { PacketMessage } from '../../../ingest/messages.js';
import { fitUnit, nalUnitsOf } from '../packetise.js';
import type { Colours, EncodedPicture, PictureEncoder } from './h264-encoder.js';
import { TranscodeLoop } from './transcode-loop.js';

/** Gives a unit that names the picture. */
class FakeEncoder implements PictureEncoder {
  readonly got: { ptsUs: number; asKeyframe: boolean; first: number }[] = [];
  encode(picture: Uint8Array, ptsUs: number, asKeyframe: boolean): EncodedPicture {
    this.got.push({ ptsUs, asKeyframe, first: picture[0]! });
    const nal = new Uint8Array(3000).fill(picture[0]!);
    nal[0] = asKeyframe ? 0x65 : 0x41;
    return { isKeyframe: asKeyframe, nals: asKeyframe ? [Uint8Array.of(0x67, 1), nal] : [nal] };
  }
  close(): void {
    closes++;
  }
}

let closes = 0;
let colours: Colours[];

let slots: FrameSlots;
let encoder: FakeEncoder;
let units: PacketMessage[];
let loop: TranscodeLoop;
beforeEach(() => {
  slots = FrameSlots.allocate({ slotCount: 3, pictureBytes: 6, metaBytes: 3 });
  encoder = new FakeEncoder();
  units = [];
  colours = [];
  closes = 0;
  let now = 0;
  loop = new TranscodeLoop({
    slots,
    createEncoder: (wanted) => {
      colours.push(wanted);
      return encoder;
    },
    maxPayloadBytes: 1180,
    push: (unit) => units.push(unit),
    nowMs: () => (now += 4),
  });
});

function write(ptsUs: number, value = 1, meta = [1, 1, 1]): void {
  const slot = slots.beginWrite()!;
  slots.picture(slot).fill(value);
  const times = { ptsUs, epoch: 1, receivedAtMs: ptsUs / 1000 - 7, decodedAtMs: 0, writtenAtMs: 0 };
  const place = { sourceWidth: 2, sourceHeight: 2, contentX: 0, contentY: 0, contentWidth: 2, contentHeight: 2 };
  slots.publish(slot, { ...times, ...place }, Uint8Array.from(meta));
}

const keyframes = (): number[] => encoder.got.filter(({ asKeyframe }) => asKeyframe).map(({ ptsUs }) => ptsUs);

it('does nothing without a picture', () => {
  expect(loop.step()).toBe(false);
  expect(units).toEqual([]);
});

it('hands each picture on in order, with its own time, as packets that fit', () => {
  for (let i = 1; i <= 3; i++) write(i * 40_000, i);
  while (loop.step());
  expect(units.map(({ ptsUs }) => ptsUs)).toEqual([40_000, 80_000, 120_000]);
  expect(units.map(({ receivedAtMs }) => receivedAtMs)).toEqual([33, 73, 113]);
  expect(units.map(({ isKeyframe }) => isKeyframe)).toEqual([true, false, false]);
  const payloads = fitUnit(units[1]!.packets, units[1]!.parameterSets, 1180);
  expect(payloads).toHaveLength(3);
  expect(payloads.every(({ length }) => length <= 1180)).toBe(true);
  expect(nalUnitsOf(payloads)[0]!).toEqual(Uint8Array.from({ length: 3000 }, (_, i) => (i === 0 ? 0x41 : 2)));
  expect(loop.counters).toMatchObject({ pictures: 3, keyframes: 1, encodeMs: 12 });
});

it('skips what came too fast, never what is newest', () => {
  for (let i = 1; i <= 8; i++) write(i * 40_000, i);
  while (loop.step());
  expect(encoder.got.map(({ first }) => first)).toEqual([6, 7, 8]);
  expect(slots.replaced).toBe(5);
});

it('makes a keyframe every two seconds, and when one is asked for, but not one after the other', () => {
  for (let i = 0; i < 100; i++) {
    if (i === 10 || i === 11 || i === 12) loop.requestKeyframe();
    write(i * 40_000);
    loop.step();
  }
  expect(keyframes()).toEqual([0, 400_000, 720_000, 2_720_000]);
});

it('follows the colours of the pictures with another encoder, from a keyframe on', () => {
  for (const [i, meta] of [
    [1, 1, 1],
    [1, 1, 1],
    [9, 16, 9],
  ].entries()) {
    write(i * 40_000, 1, meta);
    loop.step();
  }
  expect(colours).toEqual([
    [1, 1, 1],
    [9, 16, 9],
  ]);
  expect(closes).toBe(1);
  expect(keyframes()).toEqual([0, 80_000]);
  loop.close();
  loop.close();
  expect(closes).toBe(2);
});

it('gives the slot back when the encoder fails', () => {
  encoder.encode = () => {
    throw new Error('broken');
  };
  write(40_000);
  expect(() => loop.step()).toThrow('broken');
  for (let i = 0; i < 3; i++) expect(slots.isEmpty(i)).toBe(true);
});
