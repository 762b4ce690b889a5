import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Calibration } from '@lanecast/server/config/calibration';
import { Truth } from '../world/truth.js';

/** The truth that lies beside a clip of the world; null for any other clip. */
export function truthPathOf(clip: string): string | null {
  const name = basename(clip).replace(/\.mp4$/, '.json.gz');
  const path = join(dirname(clip), '..', 'truth', name);
  return existsSync(path) ? path : null;
}

/** Name and calibration of the scene that a clip of the world shows; null for any other clip. */
export function worldScene(clip: string): { name: string; calibration: Calibration } | null {
  const path = truthPathOf(clip);
  if (path === null) return null;
  const { calibration, widthPx, heightPx } = Truth.read(path).file;
  const { imagePx, groundM } = calibration;
  return {
    name: basename(clip, '.mp4').replace(/^\d+-/, ''),
    calibration: {
      imageSize: [widthPx, heightPx],
      points: imagePx.map((image, i) => ({ image, ground: groundM[i]! })),
    },
  };
}
