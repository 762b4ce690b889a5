import type { Clock } from '../core/clock.js';
import { LanecastError } from '../core/errors.js';
import type { StreamState } from '../core/types.js';
import { type Backoff, needsAPerson } from './backoff.js';

/** A live connection, as the supervisor sees it. */
export interface Connection {
  /** May be called twice; no handler is called afterwards. */
  close(): void;
}

export interface ConnectionHandlers {
  /** The handshake is done; video should follow. */
  onReady(): void;
  /** The connection ended; null means that the server ended it in an orderly way. Called once at most. */
  onClose(error: LanecastError | null): void;
}

export interface SupervisorOptions {
  connect: (handlers: ConnectionHandlers) => Connection;
  backoff: Backoff;
  stallTimeoutMs: number;
  clock: Clock;
  onState: (state: StreamState, reason: { code: string; message: string } | null) => void;
}

/** A stream that is live for so long has proved itself: the next failure starts at the shortest back-off. */
const PROVEN_AFTER_MS = 1000;
/** How often a stall is looked for, as a part of the stall time. */
const CHECKS_PER_STALL = 10;

/**
 * Keeps one stream connected for ever: connect, watch, back off, connect. A stall is "no video frame", whatever bytes
 * may come; it begins with the end of the handshake.
 */
export class StreamSupervisor {
  readonly #options: SupervisorOptions;
  #connection: Connection | null = null;
  #cancelTimer: (() => void) | null = null;
  #state: StreamState = 'connecting';
  #lastPictureAtMs = 0;
  #liveSinceMs = 0;
  #ready = false;
  #closed = false;
  /** Distinguishes the handlers of one attempt from those of an earlier one. */
  #attempt = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  get state(): StreamState {
    return this.#state;
  }

  start(): void {
    if (!this.#closed && this.#attempt === 0) this.#connect(null);
  }

  /** A video frame was decoded. */
  pictureDecoded(): void {
    const now = this.#options.clock.nowMs();
    this.#lastPictureAtMs = now;
    if (this.#state !== 'live') {
      this.#liveSinceMs = now;
      this.#enter('live', null);
    } else if (now - this.#liveSinceMs >= PROVEN_AFTER_MS) {
      this.#options.backoff.succeeded();
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#connection?.close();
    this.#connection = null;
  }

  #connect(reason: { code: string; message: string } | null): void {
    const attempt = ++this.#attempt;
    this.#ready = false;
    this.#enter('connecting', reason);
    this.#connection = this.#options.connect({
      onReady: () => {
        if (attempt !== this.#attempt || this.#closed) return;
        this.#ready = true;
        this.#lastPictureAtMs = this.#options.clock.nowMs();
        this.#watch(attempt);
      },
      onClose: (error) => {
        this.#ended(attempt, error ?? new LanecastError('rtsp-closed', 'the camera ended the stream; reconnecting'));
      },
    });
  }

  #watch(attempt: number): void {
    const { clock, stallTimeoutMs } = this.#options;
    this.#cancelTimer = clock.after(stallTimeoutMs / CHECKS_PER_STALL, () => {
      if (attempt !== this.#attempt || this.#closed || !this.#ready) return;
      const silentMs = clock.nowMs() - this.#lastPictureAtMs;
      if (silentMs < stallTimeoutMs) {
        this.#watch(attempt);
        return;
      }
      const seconds = (silentMs / 1000).toFixed(1);
      this.#ended(
        attempt,
        new LanecastError('stalled', `no video frame for ${seconds} s although the connection is open; reconnecting`),
      );
    });
  }

  #ended(attempt: number, error: LanecastError): void {
    if (attempt !== this.#attempt || this.#closed) return;
    this.#attempt++; // whatever this connection still says is too late
    this.#ready = false;
    this.#cancelTimer?.();
    this.#connection?.close();
    this.#connection = null;
    const reason = { code: error.code, message: error.message };
    this.#enter(error.code === 'stalled' ? 'stalled' : needsAPerson(error.code) ? 'failed' : 'backoff', reason);
    this.#cancelTimer = this.#options.clock.after(this.#options.backoff.nextDelayMs(error.code), () => {
      if (!this.#closed) this.#connect(reason);
    });
  }

  #enter(state: StreamState, reason: { code: string; message: string } | null): void {
    this.#state = state;
    this.#options.onState(state, reason);
  }
}
