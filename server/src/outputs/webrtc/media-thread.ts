import { systemClock } from '../../ops/clock.js';
import { MediaRoom, type MediaRoomOptions } from './media-room.js';
import type { FromMedia, ToMedia } from './messages.js';

const COUNTERS_EVERY_MS = 500;

/** The near end of what carries the messages: of a worker thread, its `parentPort`. */
export interface MediaPort {
  postMessage(message: FromMedia): void;
  on(event: 'message', listener: (message: ToMedia) => void): unknown;
  close(): void;
}

export interface MediaThreadOptions extends Omit<MediaRoomOptions, 'clock' | 'post'> {
  /** Promises that nobody waited for and that failed, so far. */
  unhandledRejections: () => number;
}

/** Runs a room for whoever holds the port's other end, until it is told to close; then the port is closed. */
export function runMedia(port: MediaPort, { unhandledRejections, ...options }: MediaThreadOptions): void {
  const post = (message: FromMedia): void => port.postMessage(message);
  const room = new MediaRoom({ ...options, clock: systemClock, post });
  const timer = setInterval(() => {
    post({ type: 'counters', counters: { ...room.counters(), unhandledRejections: unhandledRejections() } });
  }, COUNTERS_EVERY_MS);
  port.on('message', (message) => {
    room.handle(message);
    if (message.type !== 'close') return;
    clearInterval(timer);
    port.close();
  });
}
