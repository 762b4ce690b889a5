// For NODE_OPTIONS: the detector's thread hangs outside of JavaScript, as in a GPU that does not answer, soon after it began.
import { spawnSync } from 'node:child_process';
import { setTimeout } from 'node:timers';
import { isMainThread, workerData } from 'node:worker_threads';

if (!isMainThread && workerData?.batchLimit) setTimeout(() => spawnSync('sleep', ['12'], { stdio: 'ignore' }), 1500);
