/**
 * Faults that a test makes happen inside the server (`--debug-faults`, on loopback only): threads that die, threads that
 * run out of memory, inference that fails, a GPU that is lost, a wall clock that jumps; and, to measure what is really
 * held, a full garbage collection. Without that flag nothing listens.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel, getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import * as v from 'valibot';

const KEY = 'lanecast.debugFaults';
const CHANNEL = 'lanecast-debug-faults';

export const FAULTY_THREADS = ['detector', 'ingest', 'media', 'compositor'] as const;
export type FaultyThread = (typeof FAULTY_THREADS)[number];

/** The body of `POST /api/debug/faults`. */
export const DebugFault = v.variant('fault', [
  v.strictObject({
    fault: v.picklist(['crash', 'out-of-memory']),
    thread: v.picklist(FAULTY_THREADS),
    /** Of the ingest threads, the one that reads the stream of this id; absent: all. */
    stream: v.optional(v.string()),
  }),
  /** The next inferences fail: by default as if the GPU's memory had run out. */
  v.strictObject({
    fault: v.literal('inference-error'),
    times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1),
    message: v.optional(v.string(), 'CUDA failure 2: out of memory (--debug-faults)'),
  }),
  /** Every CUDA call of the process fails from now on (an illegal address); nothing happens where CUDA is not. */
  v.strictObject({ fault: v.literal('cuda-error') }),
  /** No fault: every thread lets go of what it does not need. */
  v.strictObject({ fault: v.literal('collect-garbage') }),
  /** The wall clock of every thread jumps. */
  v.strictObject({ fault: v.literal('clock-jump'), jumpMs: v.pipe(v.number(), v.finite()) }),
]);
export type DebugFault = v.InferOutput<typeof DebugFault>;

/** Before any thread is started. */
export function enableDebugFaults(): void {
  setEnvironmentData(KEY, true);
}

/** Makes a fault happen in whichever threads it is for. */
export function causeDebugFault(fault: DebugFault): void {
  sufferAnywhere(fault);
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(fault);
  channel.close();
}

/**
 * Lets a thread suffer what is meant for it; `reads` says whether an ingest thread has a stream, `own` suffers what only
 * one thread knows how to.
 */
export function sufferDebugFaults(
  thread: FaultyThread,
  reads: (stream: string) => boolean = () => true,
  own: (fault: DebugFault) => void = () => undefined,
): void {
  if (getEnvironmentData(KEY) !== true) return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.unref();
  channel.onmessage = ({ data }) => {
    const fault = data as DebugFault;
    if (fault.fault === 'clock-jump' || fault.fault === 'collect-garbage') {
      sufferAnywhere(fault);
      return;
    }
    if (fault.fault === 'inference-error' || fault.fault === 'cuda-error') {
      own(fault);
      return;
    }
    if (fault.thread !== thread || (fault.stream !== undefined && !reads(fault.stream))) return;
    // Out of the handler: an error in there is the channel's business.
    setImmediate(() => {
      if (fault.fault === 'out-of-memory') exhaustHeap();
      throw new Error('it was told to crash (--debug-faults)');
    });
  };
}

function sufferAnywhere(fault: DebugFault): void {
  if (fault.fault === 'clock-jump') jumpClock(fault.jumpMs);
  if (fault.fault === 'collect-garbage') collectGarbage();
}

let gc: (() => void) | null = null;

/** Twice: pages that the first has emptied are given back by the second. */
function collectGarbage(): void {
  if (!gc) {
    setFlagsFromString('--expose-gc');
    gc = runInNewContext('gc') as () => void;
  }
  gc();
  gc();
}

function jumpClock(jumpMs: number): void {
  const realNow = Date.now.bind(Date);
  Date.now = () => realNow() + jumpMs;
}

/** Ends the thread by its limit (ERR_WORKER_OUT_OF_MEMORY). */
function exhaustHeap(): void {
  const hoard: number[][] = [];
  for (;;) hoard.push(new Array<number>(100_000).fill(hoard.length + 0.5));
}
