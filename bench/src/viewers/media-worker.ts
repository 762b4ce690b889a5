/** Entry of a media worker as the server's, that tells which thread it is and takes the engine that it is told. */
import { readlinkSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { runMedia } from '@lanecast/server/outputs/webrtc/media-thread';
import { createPeerOf, type ProbedWorkerData } from './media-places.js';

const GC_EVERY_MS = 1500;

const { maxPayloadBytes, engine, thread } = workerData as ProbedWorkerData;
// A synchronous call runs on this very thread.
new Int32Array(thread)[0] = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
// With --expose-gc: garbage is not held.
if (globalThis.gc) setInterval(() => globalThis.gc?.(), GC_EVERY_MS).unref();
let unhandledRejections = 0;
process.on('unhandledRejection', () => unhandledRejections++);
runMedia(parentPort!, {
  maxPayloadBytes,
  createPeer: await createPeerOf(engine),
  unhandledRejections: () => unhandledRejections,
});
