/** A worker thread that does one job and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import type { WorldJob, WorldJobDone } from './jobs.js';
import { renderClip } from './render-clip.js';
import { sceneNamed } from './scenes/scenes.js';
import { renderStills } from './stills.js';

const job = workerData as WorldJob;
const scene = sceneNamed(job.scene);
const started = performance.now();
const pictures = job.kind === 'clip' ? await renderClip({ ...job, scene }) : await renderStills({ ...job, scene });
parentPort!.postMessage({ pictures, milliseconds: performance.now() - started } satisfies WorldJobDone);
