/** How drivers follow: the Intelligent Driver Model (Treiber, Hennecke, Helbing: Phys. Rev. E 62, 2000). */

export interface DriverTraits {
  /** What the driver likes to go on a free road, m/s. */
  desiredMps: number;
  /** m/s2. */
  acceleration: number;
  comfortableBraking: number;
  /** Time to the one ahead, s. */
  headwayS: number;
  /** Distance when standing, m. */
  standstillM: number;
}

const HARDEST_BRAKING = 8;

/**
 * Acceleration in m/s2 at `speedMps` with the road free for `gapM` up to something that moves at `aheadMps`
 * (`gapM` Infinity: nothing there). `limitMps`: what the road allows.
 */
export function acceleration(
  traits: DriverTraits,
  speedMps: number,
  limitMps: number,
  gapM: number,
  aheadMps: number,
): number {
  const target = Math.max(0.5, Math.min(traits.desiredMps, limitMps));
  const ratio = speedMps / target;
  // Above the target the model's fourth power brakes too hard; ease down instead.
  const free = ratio <= 1 ? 1 - ratio ** 4 : -Math.min(2.2, (speedMps - target) * 0.9) / traits.acceleration;
  if (gapM === Infinity) return traits.acceleration * free;
  const closing = speedMps - aheadMps;
  const wanted =
    traits.standstillM +
    Math.max(
      0,
      speedMps * traits.headwayS +
        (speedMps * closing) / (2 * Math.sqrt(traits.acceleration * traits.comfortableBraking)),
    );
  const tight = (wanted / Math.max(gapM, 0.1)) ** 2;
  return Math.max(-HARDEST_BRAKING, traits.acceleration * (Math.min(free, 1) - tight));
}
