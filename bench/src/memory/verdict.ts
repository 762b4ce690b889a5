/** Whether what was sampled is flat. Pure. */
import { COUNTED, type Counted, type MemorySample } from './samples.js';
import { fitSlope, type SlopeFit } from './slope.js';

export interface Growth {
  /** Least at rest in the first and in the last third of the time (of very few rounds: in the first and the last). */
  first: number;
  last: number;
}

export interface MemoryVerdict {
  /** Of resident memory after a garbage collection, MiB; null: too short to tell. */
  slope: SlopeFit | null;
  /** Of resident memory all the time, garbage and viewers included: said, not judged. */
  slopeOfAll: SlopeFit | null;
  maxSlopePerHour: number | null;
  /** null: never at rest in the first or in the last third. */
  counts: Record<Counted, Growth | null>;
  /** What is wrong, one line each; none: flat. */
  faults: string[];
}

/** Some run out long after what they were set for: a closed WebSocket's, half a minute. */
const TIMERS_SLACK = 2;

export interface VerdictOptions {
  durationS: number;
  blockS: number;
  /** null: memory is not judged. */
  maxSlopePerHour: number | null;
}

/**
 * Memory: the upper end of the 95 % interval of the slope, of what is held after a garbage collection at the end of each
 * round, must stay below the limit: when V8 collects by itself is chance, and chance of several MiB. Descriptors, threads, handles, timers:
 * what is there with nobody watching must not be more at the end than at the beginning.
 */
export function judge(samples: readonly MemorySample[], options: VerdictOptions): MemoryVerdict {
  const { durationS, blockS, maxSlopePerHour } = options;
  const measured = samples.filter(({ timeS }) => timeS >= 0);
  const fit = (of: readonly MemorySample[]): SlopeFit | null =>
    fitSlope(
      of.map(({ timeS, rss }) => ({ timeS, value: rss })),
      blockS,
    );
  const slope = fit(measured.filter(({ collected }) => collected));
  const slopeOfAll = fit(measured);
  const faults: string[] = [];
  if (maxSlopePerHour !== null) {
    if (!slope) faults.push('it ran too shortly to tell anything of memory: give it more time, or smaller --cycle');
    else if (!(slope.upperPerHour < maxSlopePerHour))
      faults.push(
        `memory may grow by ${slope.upperPerHour.toFixed(2)} MiB an hour (best guess ${slope.slopePerHour.toFixed(2)}); the limit is ${maxSlopePerHour}`,
      );
  }
  const counts = {} as Record<Counted, Growth | null>;
  for (const name of COUNTED) {
    const growth = growthAtRest(measured, name, durationS, blockS);
    counts[name] = growth;
    if (!growth) faults.push(`${name}: the server was not at rest at the beginning and at the end`);
    else if (growth.last > growth.first + (name === 'timers' ? TIMERS_SLACK : 0))
      faults.push(`${name} grew from ${growth.first} to ${growth.last} with nobody watching`);
  }
  return { slope, slopeOfAll, maxSlopePerHour, counts, faults };
}

function growthAtRest(
  samples: readonly MemorySample[],
  name: Counted,
  durationS: number,
  blockS: number,
): Growth | null {
  const share = Math.max(durationS / 3, Math.min(blockS, durationS / 2));
  const least = (from: number, to: number): number | null => {
    const values = samples.filter(({ timeS, atRest }) => atRest && timeS >= from && timeS < to).map((s) => s[name]);
    return values.length > 0 ? Math.min(...values) : null;
  };
  const first = least(0, share);
  const last = least(durationS - share, Infinity);
  return first === null || last === null ? null : { first, last };
}
