/** Entry of the media worker thread: peer connections, SRTP and data channels, away from the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { Pulse } from '../../core/pulse.js';
import { sufferDebugFaults } from '../../ops/debug-faults.js';
import { runMedia } from './media-thread.js';
import type { MediaWorkerData } from './messages.js';
import { dropPackets } from './packet-loss.js';
import { WeriftPeer } from './werift-peer.js';

const { maxPayloadBytes, lossPercent, pulse: beating } = workerData as MediaWorkerData;
const pulse = new Pulse(beating);

// werift leaves promises of its own unhandled when a peer sends garbage or goes away at a bad moment: that must not end
// the other viewers. Whatever is broken ends by its own time-out; that it happened can be seen in the figures.
let unhandledRejections = 0;
process.on('unhandledRejection', () => unhandledRejections++);

sufferDebugFaults('media');
runMedia(parentPort!, {
  maxPayloadBytes,
  createPeer: (options, events) =>
    new WeriftPeer(options, events, lossPercent > 0 ? dropPackets(lossPercent / 100) : undefined),
  unhandledRejections: () => unhandledRejections,
  onBeat: () => pulse.beat(),
});
