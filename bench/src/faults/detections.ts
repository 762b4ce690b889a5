import type { Rig } from './rig.js';

/** Frames detected so far, of all streams. */
export async function detections(rig: Rig): Promise<number> {
  return (await rig.streams()).reduce((sum, { counters }) => sum + counters.detected, 0);
}

/** Until frames are detected again: video goes on meanwhile. */
export async function untilDetected(rig: Rig): Promise<void> {
  await rig.until(
    async () => (await rig.stats()).notices.every((n) => !/detector (stopped|cannot)/.test(n)),
    'a detector',
  );
  const before = await detections(rig);
  await rig.until(async () => (await detections(rig)) > before, 'detections');
}
