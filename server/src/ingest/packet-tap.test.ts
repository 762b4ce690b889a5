import { describe, expect, it } from 'vitest';
import type { PacketMessage } from './messages.js';
import { countConsumed, droppedUnits, PacketTap } from './packet-tap.js';

function rig(limits: { maxUnits?: number; maxBytes?: number }) {
  const posted: PacketMessage[] = [];
  const progress = new SharedArrayBuffer(8);
  const port = { postMessage: (unit: PacketMessage) => void posted.push(unit), close: () => undefined };
  return { posted, progress, tap: new PacketTap(port, progress, limits) };
}

const unit = (ptsUs: number, isKeyframe = false, bytes = 10): PacketMessage => ({
  ptsUs,
  isKeyframe,
  packets: [new Uint8Array(bytes).fill(ptsUs)],
  parameterSets: [],
});

describe('PacketTap', () => {
  it('leaves out units from the first that finds no room to the next keyframe that does, and counts them', () => {
    const { posted, progress, tap } = rig({ maxUnits: 3 });
    for (let i = 0; i < 5; i++) tap.push(unit(i, i === 0));
    expect(posted.map(({ ptsUs }) => ptsUs)).toEqual([0, 1, 2]);
    for (let i = 0; i < 3; i++) countConsumed(progress);
    tap.push(unit(5));
    tap.push(unit(6, true));
    tap.push(unit(7));
    expect(posted.map(({ ptsUs }) => ptsUs)).toEqual([0, 1, 2, 6, 7]);
    expect(droppedUnits(progress)).toBe(3);
  });

  it('is bounded in bytes too', () => {
    const { posted, progress, tap } = rig({ maxBytes: 100 });
    tap.push(unit(1, true, 60));
    tap.push(unit(2, false, 60));
    countConsumed(progress);
    tap.push(unit(3, true, 60));
    expect(posted.map(({ ptsUs }) => ptsUs)).toEqual([1, 3]);
  });

  it('copies: what the camera sent stays where it is', () => {
    const { posted, tap } = rig({});
    const large = new Uint8Array(1000).fill(7);
    tap.push({ ...unit(1, true), packets: [large.subarray(10, 20), large.subarray(30, 35)] });
    const [first, second] = posted[0]!.packets;
    expect([first!.length, second!.length, first!.buffer.byteLength]).toEqual([10, 5, 15]);
    expect(first!.buffer).toBe(second!.buffer);
    expect(large[15]).toBe(7);
  });
});
