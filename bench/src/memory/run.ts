/** Rounds of churn on a real server, sampled all the while. */
import { setMaxListeners } from 'node:events';
import { seededRandom } from '@lanecast/server/core/random';
import { planRound } from './churn.js';
import type { Sampler } from './sampler.js';
import type { MemorySample } from './samples.js';
import { type VisitedPlaces, Visits, type VisitTotals } from './visits.js';

export interface MemoryRunOptions {
  durationS: number;
  warmupS: number;
  /** One round: churn, then rest. */
  cycleS: number;
  /** The end of each round in which nobody watches. */
  restS: number;
  everyS: number;
  /** Visits of one round. */
  visits: number;
  /** Share of viewers who vanish without a word, 0..1. */
  rude: number;
  seed: number;
  onSample?: (sample: MemorySample) => void;
}

export interface MemoryRun {
  samples: MemorySample[];
  totals: VisitTotals;
}

/** Rejects when the server is gone or does not answer any more, or a camera cannot be revived. */
export async function runChurn(places: VisitedPlaces, sampler: Sampler, options: MemoryRunOptions): Promise<MemoryRun> {
  const { durationS, warmupS, cycleS, restS, everyS, rude, seed, onSample } = options;
  const cameras = places.streams.length;
  const visits = new Visits(places);
  const samples: MemorySample[] = [];
  const random = seededRandom(seed);
  const phase = { collecting: false };
  const startedMs = performance.now();
  const nowS = (): number => (performance.now() - startedMs) / 1000 - warmupS;
  const stop = new AbortController();
  // Every visit waits for it.
  setMaxListeners(0, stop.signal);
  const churn = (async (): Promise<void> => {
    // Whole rounds: the end is a rest.
    for (let beginS = -warmupS; beginS < durationS - 1 && !stop.signal.aborted; beginS += cycleS) {
      const busyS = cycleS - restS;
      const events = planRound({ cameras, visits: options.visits, rude, busyS, random });
      await visits.play(events, stop.signal);
      // At the very end of the rest: the round itself is as it would be.
      await pause(beginS + cycleS - restS / 3 - nowS(), stop.signal);
      phase.collecting = true;
      await pause(beginS + cycleS - nowS(), stop.signal);
      phase.collecting = false;
    }
  })();
  const sampling = (async (): Promise<void> => {
    for (let dueS = -warmupS; dueS < durationS && !stop.signal.aborted; dueS += everyS) {
      await pause(dueS - nowS(), stop.signal);
      const collected = phase.collecting;
      if (collected) await places.collectGarbage();
      const sample = await sampler.sample(nowS(), { ...visits.watched, collected });
      samples.push(sample);
      onSample?.(sample);
    }
  })();
  try {
    await Promise.all([churn, sampling]);
  } finally {
    stop.abort();
    await Promise.allSettled([churn, sampling]);
  }
  return { samples, totals: visits.totals };
}

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || seconds <= 0) {
      resolve();
      return;
    }
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
