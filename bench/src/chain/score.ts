import type { PublishedTrack } from '@lanecast/server/core/types';
import { type ClearCounts, clearMot, motaOf } from './clear-mot.js';
import { compareFrame } from './compare.js';
import { type Hota, type HotaCounts, hotaCounts, hotaOf } from './hota.js';
import { idf1Of, identity, type IdentityCounts } from './identity.js';
import { type SpeedErrors, speedErrors, type SpeedSample } from './speed-error.js';
import type { TruthFrame } from './truth.js';

/** One processed frame: what was there, and what the chain said. */
export interface ChainFrame {
  truth: TruthFrame;
  tracks: readonly PublishedTrack[];
  width: number;
  height: number;
}

/** Everything that is counted of a scene; scenes add up. */
export interface SceneCounts {
  frames: number;
  clear: ClearCounts;
  identity: IdentityCounts;
  hota: HotaCounts;
  speeds: SpeedSample[];
}

/** What is published of a scene, or of all. Shares are 0..1; null where there is nothing to judge. */
export interface ChainScore extends Pick<
  ClearCounts,
  'truth' | 'tracked' | 'falseNegatives' | 'falsePositives' | 'idSwitches'
> {
  frames: number;
  mota: number | null;
  idf1: number | null;
  hota: Hota | null;
  speed: SpeedErrors | null;
}

/** Counts one run of frames in which ids mean one thing: an epoch of a stream. */
export function countScene(frames: readonly ChainFrame[]): SceneCounts {
  const compared = frames.map(({ truth, tracks, width, height }) => compareFrame(truth, tracks, { width, height }));
  const { counts, matches } = clearMot(compared);
  return {
    frames: frames.length,
    clear: counts,
    identity: identity(compared),
    hota: hotaCounts(compared),
    speeds: matches.map(({ frame, truth, track }) => ({
      truthKmh: compared[frame]!.truth[truth]!.speedKmh,
      shownKmh: compared[frame]!.tracks[track]!.speedKmh,
    })),
  };
}

/** All scenes as one. */
export function addScenes(scenes: readonly SceneCounts[]): SceneCounts {
  return {
    frames: scenes.reduce((sum, scene) => sum + scene.frames, 0),
    clear: addNumbers(scenes.map(({ clear }) => clear)),
    identity: addNumbers(scenes.map((scene) => scene.identity)),
    hota: addArrays(scenes.map(({ hota }) => hota)),
    speeds: scenes.flatMap(({ speeds }) => speeds),
  };
}

export function scoreOf({ frames, clear, identity, hota, speeds }: SceneCounts): ChainScore {
  const { truth, tracked, falseNegatives, falsePositives, idSwitches } = clear;
  return {
    frames,
    truth,
    tracked,
    falseNegatives,
    falsePositives,
    idSwitches,
    mota: motaOf(clear),
    idf1: idf1Of(identity),
    hota: hotaOf(hota),
    speed: speedErrors(speeds),
  };
}

function addNumbers<K extends string>(items: readonly Record<K, number>[]): Record<K, number> {
  const [first, ...rest] = items;
  const sum = { ...first! };
  for (const item of rest) for (const name of Object.keys(sum) as K[]) sum[name] += item[name];
  return sum;
}

function addArrays<K extends string>(items: readonly Record<K, number[]>[]): Record<K, number[]> {
  const [first, ...rest] = items;
  const sum = { ...first! };
  for (const item of rest) {
    for (const name of Object.keys(sum) as K[]) sum[name] = sum[name].map((value, i) => value + item[name][i]!);
  }
  return sum;
}
