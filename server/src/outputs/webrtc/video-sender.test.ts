import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../core/testing.js';
import type { OutgoingRtp } from './peer.js';
import type { VideoUnit } from './stream-video.js';
import { VideoSender } from './video-sender.js';
import { ViewerPacer } from './viewer-pacer.js';

function rig() {
  const clock = new ManualClock();
  const sent: OutgoingRtp[] = [];
  const pacer = new ViewerPacer(clock);
  const sender = new VideoSender({ sendRtp: (_, packet) => void sent.push(packet) }, 's', true, pacer, 65_534);
  return { clock, pacer, sent, sender };
}

const unit = (n: number, isKeyframe = false, packets = 2): VideoUnit => ({
  ptsUs: n * 40_000,
  rtpTimestamp: n * 3600,
  isKeyframe,
  payloads: Array.from({ length: packets }, () => Uint8Array.of(1, 2)),
});

describe('VideoSender', () => {
  it('begins with a keyframe, marks the last packet of a unit, and counts sequence numbers on across the wrap', () => {
    const { sent, sender } = rig();
    sender.send(unit(1));
    sender.send(unit(2, true));
    sender.send(unit(3));
    expect(sent.map(({ timestamp, marker, sequenceNumber }) => [timestamp, marker, sequenceNumber])).toEqual([
      [7200, false, 65_534],
      [7200, true, 65_535],
      [10_800, false, 0],
      [10_800, true, 1],
    ]);
    expect(sender.unitsDropped).toBe(1);
  });

  it('sends a burst at once and paces the rest', () => {
    const { clock, sent, sender } = rig();
    sender.send(unit(1, true, 200));
    expect(sent.length).toBe(64);
    sender.send(unit(2));
    expect(sent.length).toBe(64);
    clock.advance(3);
    expect(sent.length).toBeLessThanOrEqual(64 + 61);
    clock.advance(30);
    expect(sent.length).toBe(202);
    expect(sent.at(-1)!.timestamp).toBe(7200);
    expect(clock.pendingTimers).toBe(0);
  });

  it('never goes backwards, unless it begins anew', () => {
    const { sent, sender } = rig();
    sender.send(unit(5, true));
    sender.send(unit(4, true));
    expect(sent.length).toBe(2);
    sender.beginAnew([unit(4, true), unit(5)]);
    expect(sent.map(({ timestamp }) => timestamp)).toEqual([18_000, 18_000, 14_400, 14_400, 18_000, 18_000]);
  });

  it('drops what a viewer far behind cannot get, to the next keyframe; what waits is dropped in a pause', () => {
    const { clock, sent, sender } = rig();
    sender.send(unit(1, true, 9000));
    sender.send(unit(2));
    expect(sender.queuedPackets).toBe(0);
    sender.send(unit(3, true));
    clock.advance(10);
    expect(sent.at(-1)!.timestamp).toBe(3 * 3600);
    const before = sent.length;
    sender.send(unit(4, false, 500));
    sender.pause();
    clock.advance(100);
    expect(sent.length).toBeLessThanOrEqual(before + 64);
    expect(clock.pendingTimers).toBe(0);
  });
});
