/** Entry of the media worker thread: peer connections, SRTP and data channels, away from the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../ops/clock.js';
import { sufferDebugFaults } from '../../ops/debug-faults.js';
import { MediaRoom } from './media-room.js';
import type { FromMedia, MediaWorkerData, ToMedia } from './messages.js';
import { dropPackets } from './packet-loss.js';
import { WeriftPeer } from './werift-peer.js';

const COUNTERS_EVERY_MS = 500;

const port = parentPort!;
const post = (message: FromMedia): void => port.postMessage(message);
const { maxPayloadBytes, lossPercent } = workerData as MediaWorkerData;
const room = new MediaRoom({
  clock: systemClock,
  maxPayloadBytes,
  createPeer: (options, events) =>
    new WeriftPeer(options, events, lossPercent > 0 ? dropPackets(lossPercent / 100) : undefined),
  post,
});
const timer = setInterval(() => post({ type: 'counters', counters: room.counters() }), COUNTERS_EVERY_MS);

// werift leaves promises of its own unhandled when a peer sends garbage or goes away at a bad moment: that must not end
// the other viewers. Whatever is broken ends by its own time-out.
process.on('unhandledRejection', () => undefined);

sufferDebugFaults('media');
port.on('message', (message: ToMedia) => {
  room.handle(message);
  if (message.type !== 'close') return;
  clearInterval(timer);
  port.close();
});
