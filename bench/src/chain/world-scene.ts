import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Truth } from '@lanecast/scripts/world/truth';
import { LanecastError, messageOf } from '@lanecast/server/core/errors';
import type { ChainScene } from './scene.js';

/**
 * The scenes whose clips (`NAME.mp4`) are in a directory and whose truth (`NAME.json.gz`) is there too, or in `truth`
 * beside it; sorted by name. Throws a LanecastError: `chain-clips` (no such directory), `truth-unreadable`.
 */
export function worldScenes(directory: string): ChainScene[] {
  let names: string[];
  try {
    names = readdirSync(directory).filter((name) => name.endsWith('.mp4'));
  } catch (cause) {
    throw new LanecastError('chain-clips', `cannot look for clips in ${directory}: ${messageOf(cause)}`, { cause });
  }
  return names.sort().flatMap((file) => {
    const name = file.slice(0, -'.mp4'.length);
    const truth = [directory, join(dirname(directory), 'truth')]
      .map((folder) => join(folder, `${name}.json.gz`))
      .find((path) => existsSync(path));
    return truth === undefined ? [] : [worldScene(join(directory, file), Truth.read(truth))];
  });
}

function worldScene(clip: string, truth: Truth): ChainScene {
  const { scene, fps, frameCount, widthPx, heightPx, calibration } = truth.file;
  return {
    name: scene,
    clip,
    width: widthPx,
    height: heightPx,
    fps,
    frameCount,
    truthAt: (index) => ({ vehicles: truth.objects(index % frameCount, Math.floor(index / frameCount)) }),
    calibration: {
      points: calibration.imagePx.map((image, i) => ({ image, ground: calibration.groundM[i]! })),
      imageSize: [widthPx, heightPx],
    },
  };
}
