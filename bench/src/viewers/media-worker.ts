/** Entry of a media worker as the server's, that tells which thread it is and takes the engine that it is told. */
import { readlinkSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { runMedia } from '@lanecast/server/outputs/webrtc/media-thread';
import { createPeerOf, type ProbedWorkerData, THREAD_NUMBER, THREAD_SOCKETS, THREAD_TIMERS } from './media-places.js';
import { activeResources } from './usage.js';

const GC_EVERY_MS = 1500;
const COUNT_EVERY_MS = 500;

const { maxPayloadBytes, engine, thread } = workerData as ProbedWorkerData;
// A synchronous call runs on this very thread.
const told = new Int32Array(thread);
told[THREAD_NUMBER] = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
setInterval(() => {
  const { sockets, timers } = activeResources();
  told[THREAD_SOCKETS] = sockets;
  told[THREAD_TIMERS] = timers;
}, COUNT_EVERY_MS).unref();
// With --expose-gc: garbage is not held.
if (globalThis.gc) setInterval(() => globalThis.gc?.(), GC_EVERY_MS).unref();
let unhandledRejections = 0;
process.on('unhandledRejection', () => unhandledRejections++);
runMedia(parentPort!, {
  maxPayloadBytes,
  createPeer: await createPeerOf(engine),
  unhandledRejections: () => unhandledRejections,
});
