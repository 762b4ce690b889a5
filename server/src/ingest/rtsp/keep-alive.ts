import type { Clock } from '../../core/clock.js';
import { LanecastError } from '../../core/errors.js';
import { rtspError } from './rtsp-errors.js';
import type { RtspRequester } from './rtsp-requester.js';

export interface KeepAliveOptions {
  requester: Pick<RtspRequester, 'send'>;
  url: string;
  sessionId: string;
  sessionTimeoutS: number;
  /** Send GET_PARAMETER, as most servers want it; else OPTIONS, which all know. */
  hasGetParameter: boolean;
  shownUrl: string;
  clock: Clock;
  /** The server has ended the session, or no longer accepts the credentials. */
  onEnd: (error: LanecastError) => void;
}

const MAX_INTERVAL_MS = 30_000;
const SESSION_NOT_FOUND = 454;

/**
 * Renews the session at half its time-out. A request without an answer is no reason to end a stream whose media flows
 * (some cameras never answer): silence and closed connections are watched elsewhere.
 */
export class KeepAlive {
  readonly #options: KeepAliveOptions;
  readonly #intervalMs: number;
  #method: 'GET_PARAMETER' | 'OPTIONS';
  #cancel: (() => void) | null = null;
  #closed = false;
  #sent = 0;

  constructor(options: KeepAliveOptions) {
    this.#options = options;
    this.#method = options.hasGetParameter ? 'GET_PARAMETER' : 'OPTIONS';
    this.#intervalMs = Math.min(MAX_INTERVAL_MS, (options.sessionTimeoutS * 1000) / 2);
    this.#schedule();
  }

  get sent(): number {
    return this.#sent;
  }

  /** May be called twice. */
  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#cancel = null;
  }

  #schedule(): void {
    this.#cancel = this.#options.clock.after(this.#intervalMs, () => {
      this.#schedule();
      void this.#renew();
    });
  }

  async #renew(): Promise<void> {
    const { requester, url, sessionId, shownUrl, onEnd } = this.#options;
    this.#sent++;
    try {
      const { status } = await requester.send(this.#method, url, { Session: sessionId });
      if (this.#closed) return;
      if (status === SESSION_NOT_FOUND) {
        onEnd(rtspError('rtsp-closed', `${shownUrl}: the server no longer knows the session (454)`));
      } else if (status >= 400) {
        this.#method = 'OPTIONS';
      }
    } catch (error) {
      if (this.#closed || !(error instanceof LanecastError)) return;
      if (error.code === 'rtsp-unauthorised') onEnd(error);
    }
  }
}
