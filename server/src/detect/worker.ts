/** The detector's thread: opens the session, measures the batch that pays, then runs the loop until told to end. */
import { parentPort, workerData } from 'node:worker_threads';
import { breakCuda, cudaFault, measureCrossover } from '@lanecast/native';
import { LanecastError, messageOf } from '../core/errors.js';
import { Pulse } from '../core/pulse.js';
import { WorkSignal } from '../core/work-signal.js';
import { monotonicMs } from '../ops/clock.js';
import { sufferDebugFaults } from '../ops/debug-faults.js';
import { batchSizes, calibrateMaxBatch } from './batch-calibration.js';
import { DetectionDecoder } from './detection-decoder.js';
import { DetectionLoop } from './detection-loop.js';
import { saysGpuIsLost } from './gpu-loss.js';
import { FaultySession } from './inference-faults.js';
import type { DetectorWorkerData, FromDetector, ToDetector } from './messages.js';
import { hasAbandonedSessions, ModelSession } from './model-session.js';

const options = workerData as DetectorWorkerData;
const port = parentPort!;
const post = (message: FromDetector, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

async function measureMaxBatch(session: ModelSession): Promise<number> {
  session.reserve(options.batchLimit);
  return calibrateMaxBatch({
    limit: options.batchLimit,
    sized: session.executionProvider === 'cuda',
    measure: async (batch) => {
      const startMs = monotonicMs();
      await session.run(batch);
      return monotonicMs() - startMs;
    },
  });
}

/** Opens the session and leaves it warm at every size that it will run at. */
async function open(): Promise<{ session: ModelSession; maxBatch: number; sizes: number[] }> {
  const session = await ModelSession.open(options.model, options.session);
  try {
    const maxBatch = options.maxBatch ?? (await measureMaxBatch(session));
    const sizes = batchSizes(maxBatch, session.executionProvider === 'cpu');
    await session.warmUp(sizes);
    return { session, maxBatch, sizes };
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function main(): Promise<void> {
  let opened;
  try {
    opened = await open();
  } catch (error) {
    const code = error instanceof LanecastError ? error.code : 'detector-failed';
    const stranded = hasAbandonedSessions();
    post({ kind: 'start-failed', code, message: messageOf(error), stranded });
    // Whoever listens keeps the thread.
    if (stranded) port.on('message', () => undefined);
    return;
  }
  const { session, maxBatch, sizes } = opened;
  const onGpu = session.executionProvider === 'cuda';
  const { scoreThreshold, iouThreshold, perClass, maxDetections, classCount, maxWaitMs } = options;
  const { candidateCount } = options.model;
  const decoder = new DetectionDecoder({
    candidateCount,
    classCount,
    scoreThreshold,
    iouThreshold,
    perClass,
    maxDetections,
  });
  // Else a picture with very many candidates would wait for it.
  if (onGpu) measureCrossover();
  const faulty = new FaultySession(session);
  sufferDebugFaults('detector', undefined, (fault) => {
    if (fault.fault === 'inference-error') faulty.fail(fault.times, fault.message);
    if (fault.fault === 'cuda-error') breakCuda();
  });
  const loop = new DetectionLoop({
    session: faulty,
    decoder,
    signal: new WorkSignal(options.signal),
    pulse: new Pulse(options.pulse),
    limits: { maxBatch, maxWaitMs },
    sizes,
    candidateCount,
    nowMs: monotonicMs,
    // Libraries on top of CUDA do not always say what they got from it, so it is asked.
    isLost: (message) => onGpu && (saysGpuIsLost(message) || cudaFault() !== null),
    post,
  });
  port.on('message', (message: ToDetector) => {
    if (message.kind === 'add') loop.add(message.key, message.slots);
    else if (message.kind === 'close') loop.close();
    else {
      loop.remove(message.key);
      post({ kind: 'removed', key: message.key });
    }
  });
  post({
    kind: 'started',
    executionProvider: session.executionProvider,
    executionProviderReason: session.reason,
    maxBatch,
    nms: decoder.nmsState,
    // The GPU may have been lost while a session was opened there, and detection begin on the CPU for it.
    stranded: hasAbandonedSessions(),
  });
  let failure: Error | null = null;
  try {
    await loop.run();
  } catch (error) {
    failure = error instanceof Error ? error : new Error(messageOf(error));
    if (error instanceof LanecastError && error.code === 'gpu-lost') session.abandon();
  }
  await session.close();
  if (hasAbandonedSessions()) {
    // However it came to its end, this thread stays; so whoever waits for that end is told here.
    const code = failure instanceof LanecastError ? failure.code : 'detector-crashed';
    post({ kind: 'stranded', code, message: failure?.message ?? 'it was closed' });
    return;
  }
  port.close();
  if (failure) throw failure;
}

await main();
