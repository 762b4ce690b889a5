import { night } from '../render/lighting.js';
import { avenue } from './avenue.js';
import type { Scene } from './world.js';

/** Headlights, tail lights and lamps on a wide street. */
export const nightStreet: Scene = {
  name: '06-night',
  title: 'Avenue at night',
  seed: 1,
  periodS: 14,
  build({ random, lighting = night(0.55) }) {
    return avenue(random, {
      corners: [
        [0, -70],
        [0, 120],
        [40, 330],
      ],
      radiusM: 400,
      camera: { position: [-2.2, 0, 7], panDeg: 90, tiltDeg: 11, fovDeg: 46 },
      lighting,
      green: false,
      tall: true,
      speedKmh: 58,
    });
  },
};
