import { access, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { clipCacheDirectory } from '@lanecast/scripts/clips/cache-directory';
import { encodeClip } from '@lanecast/scripts/clips/encoder';
import { seededRandom } from '@lanecast/server/core/random';

const WIDTH = 1280;
const HEIGHT = 720;
const FPS = 25;
const SECONDS = 8;
/** Side of the texture's cells. */
const CELL_PX = 8;
const NOISE = 26;
/** About 2.5 Mbit/s with this noise, as cameras send at 720p. */
const CRF = 27;

/** A clip of 720p25 that costs as many bits as a camera's: a texture that moves, with noise on it. Made once and kept. */
export async function cameraLikeClip(seed: number): Promise<string> {
  const path = join(await clipCacheDirectory(), `camera-like-720p-${seed}-${NOISE}-${CRF}.mp4`);
  try {
    await access(path);
    return path;
  } catch {
    const partial = `${path}.${process.pid}.part`;
    try {
      await encodeClip(partial, pictures(seed), {
        ...{ codec: 'h264', widthPx: WIDTH, heightPx: HEIGHT, fps: FPS, gopLength: 2 * FPS, bFrames: 0 },
        ...{ container: 'mp4', crf: CRF, preset: 'ultrafast' },
      });
      await rename(partial, path);
    } finally {
      await rm(partial, { force: true });
    }
    return path;
  }
}

function* pictures(seed: number): Generator<Buffer> {
  const random = seededRandom(seed);
  const columns = WIDTH / CELL_PX;
  const rows = HEIGHT / CELL_PX;
  const ground = Uint8Array.from({ length: columns * rows }, () => 60 + random() * 120);
  for (let frame = 0; frame < FPS * SECONDS; frame++) {
    const picture = Buffer.alloc((WIDTH * HEIGHT * 3) / 2, 128);
    for (let y = 0; y < HEIGHT; y++)
      for (let x = 0; x < WIDTH; x++) {
        // The upper half stands, the lower half moves.
        const shifted = y < HEIGHT / 2 ? x : (x + 4 * frame) % WIDTH;
        const cell = ground[Math.floor(y / CELL_PX) * columns + Math.floor(shifted / CELL_PX)]!;
        picture[y * WIDTH + x] = cell;
      }
    // One pixel in sixteen is noisy.
    for (let i = 0; i < (WIDTH * HEIGHT) / 16; i++) {
      const at = Math.floor(random() * WIDTH * HEIGHT);
      picture[at] = Math.max(16, Math.min(235, picture[at]! + (random() - 0.5) * 2 * NOISE));
    }
    yield picture;
  }
}
