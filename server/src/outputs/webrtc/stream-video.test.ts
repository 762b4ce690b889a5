import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../core/testing.js';
import { StreamVideo, type VideoUnit } from './stream-video.js';

class Viewer {
  got: number[] = [];
  begun = 0;
  constructor(public waits: boolean) {}
  send(unit: VideoUnit): void {
    this.got.push(unit.ptsUs / 40_000);
  }
  beginAnew(units: readonly VideoUnit[]): void {
    this.begun++;
    for (const unit of units) this.send(unit);
  }
}

function rig(holdMs: number) {
  const clock = new ManualClock();
  const video = new StreamVideo(clock, 1180);
  video.holdMs = holdMs;
  const push = (n: number, isKeyframe = false) =>
    video.push({ ptsUs: n * 40_000, isKeyframe, packets: [], parameterSets: [] });
  return { clock, video, push };
}

describe('StreamVideo', () => {
  it('holds video for those who want their boxes on it, and not for the others', () => {
    const { clock, video, push } = rig(100);
    const smooth = new Viewer(true);
    const fast = new Viewer(false);
    video.add(smooth);
    video.add(fast);
    push(0, true);
    clock.advance(40);
    push(1);
    expect([smooth.got, fast.got]).toEqual([[], [0, 1]]);
    clock.advance(60);
    expect(smooth.got).toEqual([0]);
    clock.advance(40);
    expect(smooth.got).toEqual([0, 1]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves no gap for a viewer that waits no longer', () => {
    const { clock, video, push } = rig(100);
    const viewer = new Viewer(true);
    video.add(viewer);
    for (let n = 0; n < 4; n++) {
      push(n, n === 0);
      clock.advance(40);
    }
    expect(viewer.got).toEqual([0, 1]);
    video.hurry(viewer);
    viewer.waits = false;
    push(4);
    clock.advance(500);
    expect(viewer.got).toEqual([0, 1, 2, 3, 4]);
  });

  it('keeps the order when the hold shrinks', () => {
    const { clock, video, push } = rig(100);
    const viewer = new Viewer(true);
    video.add(viewer);
    push(0, true);
    video.holdMs = 10;
    clock.advance(5);
    push(1);
    clock.advance(200);
    expect(viewer.got).toEqual([0, 1]);
  });

  it('starts who joins with the last keyframe, and never with what still waits', () => {
    const { clock, video, push } = rig(50);
    push(0);
    push(1, true);
    push(2);
    clock.advance(60);
    push(3);
    const smooth = new Viewer(true);
    const fast = new Viewer(false);
    video.add(smooth);
    video.add(fast);
    expect([smooth.got, fast.got]).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
    clock.advance(60);
    expect(smooth.got).toEqual([1, 2, 3]);
    video.repeat(smooth);
    expect(smooth.got).toEqual([1, 2, 3, 1, 2, 3]);
    video.remove(smooth);
    push(4, true);
    clock.advance(60);
    expect(smooth.got.length).toBe(6);
    expect(video.viewers).toBe(1);
  });

  it('asks a source that encodes for a keyframe when a viewer lost the thread', () => {
    const { video, push } = rig(0);
    const viewer = new Viewer(false);
    video.add(viewer);
    push(0, true);
    push(1);
    let asked = 0;
    video.requestKeyframe = () => asked++;
    video.repeat(viewer);
    expect([asked, viewer.begun, viewer.got]).toEqual([1, 2, [0, 1]]);
    video.reset();
    video.repeat(viewer);
    expect(asked).toBe(1);
  });

  it('lets viewers begin anew after a reset: what comes next does not follow', () => {
    const { video, push } = rig(0);
    const viewer = new Viewer(false);
    video.add(viewer);
    push(0, true);
    video.reset();
    expect(viewer.begun).toBe(2);
  });

  it('counts what a unit took to get here into its hold', () => {
    const { clock, video } = rig(100);
    const viewer = new Viewer(true);
    video.add(viewer);
    clock.advance(500);
    video.push({ ptsUs: 40_000, isKeyframe: true, packets: [], parameterSets: [], receivedAtMs: clock.nowMs() - 70 });
    clock.advance(29);
    expect(viewer.got).toEqual([]);
    clock.advance(1);
    expect(viewer.got).toEqual([1]);
  });

  it('tells when the first viewer comes and the last one leaves', () => {
    const told: boolean[] = [];
    const video = new StreamVideo(new ManualClock(), 1180, (watched) => told.push(watched));
    const [a, b] = [new Viewer(true), new Viewer(true)];
    video.remove(a);
    for (const viewer of [a, a, b]) video.add(viewer);
    video.remove(a);
    expect(told).toEqual([true]);
    video.remove(b);
    video.remove(b);
    expect(told).toEqual([true, false]);
  });

  it('forgets everything at a reset, timers too', () => {
    const { clock, video, push } = rig(50);
    push(0, true);
    video.reset();
    expect(clock.pendingTimers).toBe(0);
    const viewer = new Viewer(false);
    video.add(viewer);
    expect(viewer.got).toEqual([]);
  });
});
