import type { Config } from '@lanecast/server/config/schema';
import { LanecastError } from '@lanecast/server/core/errors';
import { readFrameCounter } from '@lanecast/server/core/frame-counter';
import type { Log } from '@lanecast/server/core/log';
import type { TrackMessage } from '@lanecast/server/core/types';
import { LivePipeline } from '@lanecast/server/pipeline/live-pipeline';
import { startStreams } from '@lanecast/scripts/streams/start-streams';
import { type FrameAnchor, FrameClock } from './frame-anchor.js';
import type { ChainScene } from './scene.js';
import { addScenes, type ChainFrame, countScene, type SceneCounts } from './score.js';

export interface RealtimeOptions {
  scenes: readonly ChainScene[];
  /** The configuration for streams at these addresses. */
  configure: (streams: { id: string; url: string }[]) => Config;
  warmupS: number;
  durationS: number;
  log: Log;
}

export interface RealtimeScene {
  scene: string;
  counts: SceneCounts;
  /** Frames a second that were processed. */
  fps: number;
}

/** How often a frame's number is read. */
const ANCHOR_EVERY_S = 2;

const sleep = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/**
 * All scenes at once, over real RTSP, at real time, through the whole pipeline; each frame that it processed is judged
 * by the truth of the very frame that was shown, which is known from the numbers in the pictures. Rejects with
 * `chain-no-frame-counter` for clips without them, and with `chain-out-of-step`.
 */
export async function runRealtime({
  scenes,
  configure,
  warmupS,
  durationS,
  log,
}: RealtimeOptions): Promise<RealtimeScene[]> {
  const streams = await startStreams({
    count: scenes.length,
    clips: scenes.map(({ clip }) => clip),
    server: 'embedded',
    log: () => undefined,
  });
  let pipeline: LivePipeline | null = null;
  try {
    const ids = scenes.map(({ name }) => name);
    pipeline = await LivePipeline.start(configure(streams.urls.map((url, i) => ({ id: ids[i]!, url }))), log);
    await sleep(warmupS);
    const messages = new Map<string, TrackMessage[]>(ids.map((id) => [id, []]));
    const anchors = new Map<string, (FrameAnchor & { epoch: number })[]>(ids.map((id) => [id, []]));
    const stop = pipeline.onTracks((message) => messages.get(message.stream)!.push(message));
    for (let elapsedS = 0; elapsedS < durationS; elapsedS += ANCHOR_EVERY_S) {
      for (const id of ids) anchors.get(id)!.push(...(await readAnchor(pipeline, id)));
      await sleep(Math.min(ANCHOR_EVERY_S, durationS - elapsedS));
    }
    stop();
    return scenes.map((scene) => {
      const seen = messages.get(scene.name)!;
      const counts = countStream(scene, seen, anchors.get(scene.name)!);
      return { scene: scene.name, counts, fps: counts.frames / durationS };
    });
  } finally {
    await pipeline?.close();
    await streams.close();
  }
}

/** The number in the newest frame that has tracks; none if it cannot be read. */
async function readAnchor(pipeline: LivePipeline, id: string): Promise<(FrameAnchor & { epoch: number })[]> {
  const { data, width, height, message } = await pipeline.snapshot(id);
  const frameNo = readFrameCounter({ data, width, height, stride: width, channels: 1 });
  return frameNo === null ? [] : [{ frameNo, ptsUs: message.ptsUs, epoch: message.epoch }];
}

/** Track ids mean one thing within an epoch: each is counted by itself. */
export function countStream(
  scene: ChainScene,
  messages: readonly TrackMessage[],
  anchors: readonly (FrameAnchor & { epoch: number })[],
): SceneCounts {
  if (anchors.length === 0) {
    throw new LanecastError(
      'chain-no-frame-counter',
      `no frame number can be read in ${scene.name}: without it nobody knows which frame the tracks belong to; use clips with a frame counter`,
    );
  }
  const epochs = [...new Set(anchors.map(({ epoch }) => epoch))];
  return addScenes(
    epochs.map((epoch) => {
      const own = anchors.filter((anchor) => anchor.epoch === epoch);
      const clock = new FrameClock(own, scene.fps, scene.frameCount);
      const frames = messages
        .filter((message) => message.epoch === epoch)
        .map(({ ptsUs, tracks, width, height }): ChainFrame => ({
          truth: scene.truthAt(clock.frameAt(ptsUs)),
          tracks,
          width,
          height,
        }));
      return countScene(frames);
    }),
  );
}
