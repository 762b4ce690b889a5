/** The lights of traffic signals. */
import type { World } from '../scenes/world.js';

/** A small disc that shines. */
export interface PointLight {
  position: readonly [number, number, number];
  /** Seen from the half space that this points into, counter-clockwise from the x axis. */
  facingRad: number;
  radiusM: number;
  colour: readonly [number, number, number];
}

const RED = [3.2, 0.25, 0.12] as const;
const AMBER = [3, 1.5, 0.15] as const;
const GREEN = [0.2, 2.6, 1.1] as const;
/** Share of the period that amber lasts. */
const AMBER_SHARE = 0.1;

/** At `time` in periods. */
export function signalLights(world: World, time: number): PointLight[] {
  const share = time % 1;
  return (world.signals ?? []).map(({ x, y, headingRad, green }) => {
    const isGreen = green.some(([from, to]) => share >= from && share < to);
    const isAmber = !isGreen && green.some(([, to]) => share >= to && share < to + AMBER_SHARE);
    const [colour, z] = isGreen ? [GREEN, 2.68] : isAmber ? [AMBER, 3.02] : [RED, 3.36];
    const facingRad = headingRad + Math.PI;
    return {
      position: [x + 0.16 * Math.cos(facingRad), y + 0.16 * Math.sin(facingRad), z] as const,
      facingRad,
      radiusM: 0.13,
      colour,
    };
  });
}
