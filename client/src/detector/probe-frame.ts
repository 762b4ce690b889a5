import { RAMP_LEVELS } from './tone-table.js';

/** Pixels to the right of the ramp: four samples of chroma, with a step in their middle. */
const STEP_WIDTH = 8;
export const PROBE_WIDTH = 2 * RAMP_LEVELS + STEP_WIDTH;
export const PROBE_HEIGHT = 2;
/** Of red where chroma steps: more than rounding, and such that no colour is clipped. */
const STEP = 40;

/**
 * What shows how a browser converts a colour space: a ramp of grey, two pixels a level, then a step of chroma (red) on
 * grey.
 */
export function probeFrame(colorSpace: VideoColorSpaceInit): VideoFrame {
  const luma = PROBE_WIDTH * PROBE_HEIGHT;
  const full = colorSpace.fullRange === true;
  const data = new Uint8Array((luma * 3) / 2).fill(128);
  for (let x = 0; x < 2 * RAMP_LEVELS; x++) {
    const level = x >> 1;
    data[x] = data[PROBE_WIDTH + x] = full ? Math.round((255 * level) / (RAMP_LEVELS - 1)) : 16 + level;
  }
  data.fill(128 + STEP, data.length - 2);
  return new VideoFrame(data, {
    format: 'I420',
    codedWidth: PROBE_WIDTH,
    codedHeight: PROBE_HEIGHT,
    timestamp: 0,
    colorSpace,
  });
}

/** Whether chroma was scaled up bilinearly (else by repetition), from what arrived of red to the right of the ramp. */
export function isChromaBilinear(red: Float32Array): boolean {
  const [low, rising, high] = [red[1]!, red[3]!, red[6]!];
  // A quarter of the way where it is bilinear.
  return rising - low > (high - low) / 8;
}
