import type { FrameHeader } from '@lanecast/server/core/frame-slots';
import { letterbox } from '@lanecast/server/core/geometry';
import { normal } from '@lanecast/server/core/random';
import type { Detection } from '@lanecast/server/core/types';
import { StreamAnalytics } from '@lanecast/server/pipeline/stream-analytics';
import type { ByteTrackerOptions } from '@lanecast/server/track/options';
import { decodeClip } from '../clips/clip-frames.js';
import { counts } from './compare.js';
import type { FrameDetector } from './frame-detector.js';
import type { ChainScene } from './scene.js';
import type { ChainFrame } from './score.js';

/** The detections of frame `index` of the endless clip. */
export type DetectionSource = (index: number) => readonly Detection[];

/** Detects on every frame of the clip once: each loop shows the same pictures. */
export async function detectScene(scene: ChainScene, detector: FrameDetector): Promise<DetectionSource> {
  const frames: Detection[][] = [];
  await decodeClip(scene.clip, async (frame) => void frames.push(await detector.detect(frame)));
  return (index) => frames[index % frames.length]!;
}

/**
 * What a detector would say that never errs: each vehicle that counts, its visible box with errors of `noise` times its
 * height on each edge (independent, normal). Shows what tracking and speed make of it, at best.
 */
export function truthAsDetections(scene: ChainScene, noise: number, random: () => number): DetectionSource {
  return (index) =>
    scene
      .truthAt(index)
      .vehicles.filter(counts)
      .map(({ box: [x, y, width, height] }) => {
        const error = (): number => (noise > 0 ? noise * height * normal(random) : 0);
        const right = Math.min(scene.width, x + width);
        const bottom = Math.min(scene.height, y + height);
        return {
          x1: Math.max(0, x) + error(),
          y1: Math.max(0, y) + error(),
          x2: right + error(),
          y2: bottom + error(),
          score: 0.9,
          classIndex: 0,
        };
      });
}

export interface ChainSettings {
  tracker: Partial<ByteTrackerOptions>;
  classes: readonly string[];
  loops: number;
}

/** Tracks and measures every frame of `loops` loops, as the server would if it missed none. */
export function trackScene(scene: ChainScene, detections: DetectionSource, settings: ChainSettings): ChainFrame[] {
  const analytics = new StreamAnalytics(scene.name, settings.classes, settings.tracker, scene.calibration);
  return Array.from({ length: settings.loops * scene.frameCount }, (_, index) => {
    const { tracks, width, height } = analytics.process(headerOf(scene, index), detections(index));
    return { truth: scene.truthAt(index), tracks, width, height };
  });
}

function headerOf({ width, height, fps }: ChainScene, index: number): FrameHeader {
  const geometry = letterbox(width, height, width, height);
  const ptsUs = Math.round((index * 1e6) / fps);
  return { ...geometry, ptsUs, epoch: 1, receivedAtMs: 0, decodedAtMs: 0, writtenAtMs: 0 };
}
