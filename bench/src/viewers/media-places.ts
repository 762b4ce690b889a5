import { EventEmitter } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { MediaWorkerData, ToMedia } from '@lanecast/server/outputs/webrtc/messages';
import { type MediaThreadOptions, runMedia } from '@lanecast/server/outputs/webrtc/media-thread';

/** The WebRTC libraries that are compared. */
export type Engine = 'werift' | 'libdatachannel';
export type Place = 'worker' | 'main';

/** What the media worker of a measurement is born with. */
export interface ProbedWorkerData extends MediaWorkerData {
  engine: Engine;
  /** An Int32Array that the worker fills: the number of its thread in the system, its sockets, its timers. */
  thread: SharedArrayBuffer;
}

export const THREAD_NUMBER = 0;
export const THREAD_SOCKETS = 1;
export const THREAD_TIMERS = 2;

export async function createPeerOf(engine: Engine): Promise<MediaThreadOptions['createPeer']> {
  // Loaded only where it is used: native code.
  if (engine === 'libdatachannel') {
    const { LibdatachannelPeer } = await import('./libdatachannel-peer.js');
    return (options, events) => new LibdatachannelPeer(options, events);
  }
  const { WeriftPeer } = await import('@lanecast/server/outputs/webrtc/werift-peer');
  return (options, events) => new WeriftPeer(options, events);
}

/** The server's media worker, with the engine of choice. */
export function startWorker(data: MediaWorkerData, engine: Engine): { worker: Worker; thread: Int32Array } {
  const thread = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT);
  const workerData: ProbedWorkerData = { ...data, engine, thread };
  const worker = new Worker(new URL('./media-worker.js', import.meta.url), { workerData, name: 'media' });
  return { worker, thread: new Int32Array(thread) };
}

/** The same room on this thread, behind what looks like a worker to its host. */
export function startOnMainThread(data: MediaWorkerData, createPeer: MediaThreadOptions['createPeer']): Worker {
  const { port1, port2 } = new MessageChannel();
  runMedia(port2, { maxPayloadBytes: data.maxPayloadBytes, createPeer, unhandledRejections: () => 0 });
  const events = new EventEmitter();
  port1.on('message', (message) => events.emit('message', message));
  port1.on('close', () => events.emit('exit', 0));
  return Object.assign(events, {
    postMessage: (message: ToMedia, transfer: [] = []) => port1.postMessage(message, transfer),
    terminate: () => {
      port1.close();
      return Promise.resolve();
    },
  }) as unknown as Worker;
}
