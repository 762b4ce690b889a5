import type { ResourceLimits } from 'node:worker_threads';

/** MiB. V8 took 80 to 120 for all threads of a server together, with viewers; what grows beyond this leaks. */
const MOST_OLD_MB = 512;

/**
 * The heap of a thread's JavaScript, for `resourceLimits`; what FFmpeg and ONNX Runtime allocate is not in it.
 *
 * @param youngMb room for the young, in MiB. V8's default lets each thread take 48 before it collects anything, and what
 * dies young needs no more than 8. A thread that outgrows its heap ends with ERR_WORKER_OUT_OF_MEMORY, and another
 * begins, long before the machine is out of memory.
 */
export function workerHeap(youngMb = 8): ResourceLimits {
  return { maxYoungGenerationSizeMb: youngMb, maxOldGenerationSizeMb: MOST_OLD_MB };
}
