import { formatTable } from '../table.js';
import type { ChainScore } from './score.js';

export interface SceneScore {
  scene: string;
  score: ChainScore;
  /** Frames a second that were processed, where that was not all of them. */
  fps?: number;
}

const HEADER = ['scene', 'frames', 'truth', 'MOTA', 'IDF1', 'HOTA', 'misses', 'false', 'switches'];
const SPEED_HEADER = ['speed shown', 'median', 'p95', 'bias', 'median', 'p95', 'bias'];

/** One row a scene, then the whole. */
export function formatScores(rows: readonly SceneScore[]): string {
  const withFps = rows.some(({ fps }) => fps !== undefined);
  return formatTable(
    [...HEADER, ...SPEED_HEADER, ...(withFps ? ['fps'] : [])],
    rows.map(({ scene, score, fps }) => [
      scene,
      String(score.frames),
      String(score.truth),
      percent(score.mota),
      percent(score.idf1),
      percent(score.hota?.hota ?? null),
      String(score.falseNegatives),
      String(score.falsePositives),
      String(score.idSwitches),
      ...speedCells(score.speed),
      ...(withFps ? [fps?.toFixed(1) ?? ''] : []),
    ]),
  );
}

function speedCells(speed: ChainScore['speed']): string[] {
  if (!speed) return SPEED_HEADER.map(() => '-');
  return [
    percent(speed.shown),
    ...[speed.medianKmh, speed.p95Kmh, speed.biasKmh].map((value) => `${value.toFixed(2)} km/h`),
    ...[speed.medianPercent, speed.p95Percent, speed.biasPercent].map((value) => `${value.toFixed(1)} %`),
  ];
}

const percent = (share: number | null): string => (share === null ? '-' : `${(100 * share).toFixed(1)} %`);
