import { systemClock } from '../../ops/clock.js';
import { LoadMeter } from './load-meter.js';
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
  /** Called twice a second: the thread is alive. */
  onBeat?: () => void;
}

/** Runs a room for whoever holds the port's other end, until it is told to close; then the port is closed. */
export function runMedia(port: MediaPort, { unhandledRejections, onBeat, ...options }: MediaThreadOptions): void {
  const post = (message: FromMedia): void => port.postMessage(message);
  const room = new MediaRoom({ ...options, clock: systemClock, post });
  const load = new LoadMeter();
  const timer = setInterval(() => {
    onBeat?.();
    const counters = { ...room.counters(), unhandledRejections: unhandledRejections() };
    post({ type: 'counters', counters, load: load.read() });
  }, COUNTERS_EVERY_MS);
  port.on('message', (message) => {
    room.handle(message);
    if (message.type !== 'close') return;
    clearInterval(timer);
    load.close();
    port.close();
  });
}
