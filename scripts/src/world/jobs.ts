/** Renders scenes on worker threads: one job each, as many at once as asked for. */
import { Worker } from 'node:worker_threads';
import { LanecastError } from '@lanecast/server/core/errors';

/** A job for a worker, scenes by name. */
export type WorldJob =
  | {
      kind: 'clip';
      scene: string;
      seed: number;
      widthPx: number;
      heightPx: number;
      minutes?: number;
      crf: number;
      clipsDir: string;
      truthDir: string;
    }
  | {
      kind: 'stills';
      scene: string;
      seed: number;
      from: number;
      to: number;
      outDir: string;
      widthPx: number;
      heightPx: number;
    };

/** What a worker says when its job is done. */
export interface WorldJobDone {
  pictures: number;
  milliseconds: number;
}

/** Runs all jobs, `parallel` at a time, and calls `done` as each ends. The first failure stops the others and is thrown. */
export async function runWorldJobs(
  jobs: readonly WorldJob[],
  parallel: number,
  done: (job: WorldJob, result: WorldJobDone) => void,
): Promise<void> {
  const waiting = [...jobs];
  const running = new Set<Worker>();
  const lane = async (): Promise<void> => {
    for (let job = waiting.shift(); job; job = waiting.shift()) done(job, await runOne(job, running));
  };
  try {
    await Promise.all(Array.from({ length: Math.min(parallel, jobs.length) }, lane));
  } catch (error) {
    waiting.length = 0;
    await Promise.all([...running].map((worker) => worker.terminate()));
    throw error;
  }
}

function runOne(job: WorldJob, running: Set<Worker>): Promise<WorldJobDone> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: job });
    running.add(worker);
    worker.once('message', (result: WorldJobDone) => resolve(result));
    worker.once('error', reject);
    worker.once('exit', (status) => {
      running.delete(worker);
      reject(new LanecastError('world-worker', `Rendering ${job.scene}: the worker ended with status ${status}.`));
    });
  });
}
