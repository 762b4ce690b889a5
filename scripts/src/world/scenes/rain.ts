import { rainy } from '../render/lighting.js';
import { avenue } from './avenue.js';
import type { Scene } from './world.js';

/** A wet arterial road under a low sky. */
export const rain: Scene = {
  name: '07-rain',
  title: 'Arterial road in the rain',
  seed: 1,
  periodS: 14,
  build({ random, lighting = rainy() }) {
    return avenue(random, {
      corners: [
        [0, -70],
        [4, 60],
        [-60, 310],
      ],
      radiusM: 260,
      camera: { position: [11.5, 2, 7.5], panDeg: 104, tiltDeg: 12, fovDeg: 48 },
      lighting,
      green: true,
      tall: false,
      speedKmh: 62,
    });
  },
};
