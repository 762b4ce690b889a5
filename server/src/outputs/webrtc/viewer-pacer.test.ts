import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../core/testing.js';
import { type PacedQueue, ViewerPacer } from './viewer-pacer.js';

const BURST = 64;

function rig() {
  const clock = new ManualClock();
  // Time has passed since the process began, as it has in life.
  clock.advance(1000);
  const pacer = new ViewerPacer(clock);
  const sent: { name: string; atMs: number }[] = [];
  const queue = (name: string, packets: number): PacedQueue & { queuedPackets: number } => {
    const made = {
      queuedPackets: packets,
      sendNext: () => {
        made.queuedPackets--;
        sent.push({ name, atMs: clock.nowMs() - 1000 });
      },
    };
    return made;
  };
  const serve = (...queues: PacedQueue[]): void => {
    for (const one of queues) pacer.serve(one);
  };
  return { clock, pacer, sent, queue, serve };
}

describe('ViewerPacer', () => {
  it('lets eight streams that join at once share one burst, and then take turns', () => {
    const { clock, sent, queue, serve } = rig();
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    serve(...names.map((name) => queue(name, 500)));
    expect(sent.length).toBe(BURST);
    clock.advance(100);
    const later = sent.slice(BURST);
    // 20 a millisecond, in steps of 2 ms.
    expect(later.length).toBeGreaterThanOrEqual(1960);
    expect(later.length).toBeLessThanOrEqual(2000);
    const of = (name: string): number => later.filter((packet) => packet.name === name).length;
    const shares = names.map(of);
    // The first had the burst to itself: its queue was there first.
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    clock.advance(1000);
    expect(sent.length).toBe(4000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('never sends more than a burst within 2 ms', () => {
    const { clock, sent, queue, serve } = rig();
    serve(...Array.from({ length: 8 }, (_, i) => queue(String(i), 300)));
    clock.advance(500);
    expect(sent.length).toBe(2400);
    for (let atMs = 0; atMs < 500; atMs++)
      expect(sent.filter((packet) => packet.atMs >= atMs && packet.atMs < atMs + 2).length).toBeLessThanOrEqual(BURST);
  });

  it('sends a frame that comes alone at once, and one beside a long queue soon', () => {
    const { clock, sent, queue, serve } = rig();
    serve(queue('frame', 12));
    expect(sent.length).toBe(12);
    clock.advance(40);
    serve(queue('long', 4000));
    serve(queue('short', 12));
    clock.advance(6);
    expect(sent.filter(({ name }) => name === 'short').length).toBe(13 - 1);
  });

  it('hurries when more waits than the common rate can send: nothing waits longer than about 400 ms', () => {
    const { clock, sent, queue, serve } = rig();
    const large = queue('large', 20_000);
    serve(large);
    clock.advance(100);
    expect(sent.length).toBeGreaterThan(4000);
    clock.advance(1500);
    expect(sent.length).toBe(20_000);
  });

  it('skips a queue that was emptied while it waited; closing leaves no timer', () => {
    const { clock, pacer, sent, queue, serve } = rig();
    const gone = queue('gone', 1000);
    serve(gone, queue('stays', 200));
    gone.queuedPackets = 0;
    clock.advance(50);
    expect(sent.filter(({ name }) => name === 'stays').length).toBe(200);
    serve(queue('more', 1000));
    pacer.close();
    pacer.close();
    expect(clock.pendingTimers).toBe(0);
  });
});
