/** The tracker alone, for a very long time: it must hold no more at the end than at the beginning. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ByteTracker } from '@lanecast/server/track/byte-tracker';
import { simulateScene } from '../tracker/scene.js';

export interface TrackerMemory {
  frames: number;
  /** After a garbage collection, MiB: when a tenth of the frames had been seen, and at the end. */
  heapStart: number;
  heapEnd: number;
  tracks: number;
  secondsTaken: number;
}

const OBJECTS = 10;
/** The scene is played over and over; at each seam every vehicle is lost and others come. */
const SCENE_FRAMES = 3000;
const FRAME_RATE = 25;

/** @param track for tests: what is done with each frame beside tracking it. */
export function trackForLong(frames: number, onTracks: (tracks: unknown) => void = () => undefined): TrackerMemory {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = (): number => {
    collect();
    return process.memoryUsage().heapUsed / 2 ** 20;
  };
  const scene = simulateScene(OBJECTS, SCENE_FRAMES, 1);
  const tracker = new ByteTracker({ frameRate: FRAME_RATE });
  const startedMs = performance.now();
  let heapStart = 0;
  let highestId = 0;
  for (let frame = 0; frame < frames; frame++) {
    if (frame === Math.floor(frames / 10)) heapStart = heap();
    const tracks = tracker.update(scene[frame % SCENE_FRAMES]!, Math.round((frame * 1e6) / FRAME_RATE));
    for (const { id } of tracks) highestId = Math.max(highestId, id);
    onTracks(tracks);
  }
  const heapEnd = heap();
  return { frames, heapStart, heapEnd, tracks: highestId, secondsTaken: (performance.now() - startedMs) / 1000 };
}
