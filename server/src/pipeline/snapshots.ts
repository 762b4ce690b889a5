import { LanecastError } from '../core/errors.js';
import type { FromIngest, ToIngest } from '../ingest/messages.js';
import type { SourcePicture } from './api.js';

const TIMEOUT_MS = 3000;

type Reply = Extract<FromIngest, { type: 'snapshot' }>;

/** Requests for source pictures under way. */
export class Snapshots {
  readonly #send: (index: number, message: ToIngest) => void;
  readonly #waiting = new Map<number, { index: number; settle: (reply: Reply | null) => void }>();
  #next = 1;

  constructor(send: (index: number, message: ToIngest) => void) {
    this.#send = send;
  }

  /** Rejects with `no-picture` where there is none yet, or the ingest worker does not answer. */
  request(index: number, streamId: string): Promise<SourcePicture> {
    const request = this.#next++;
    return new Promise((resolve, reject) => {
      const settle = (reply: Reply | null): void => {
        clearTimeout(timer);
        this.#waiting.delete(request);
        if (reply?.picture) resolve(reply.picture);
        else
          reject(new LanecastError('no-picture', `stream "${streamId}" has no picture yet; see /api/streams for why`));
      };
      const timer = setTimeout(() => settle(null), TIMEOUT_MS);
      this.#waiting.set(request, { index, settle });
      this.#send(index, { type: 'snapshot', index, request });
    });
  }

  arrived(reply: Reply): void {
    this.#waiting.get(reply.request)?.settle(reply);
  }

  /** The stream is gone: nobody will answer. */
  forget(index: number): void {
    for (const waiting of [...this.#waiting.values()]) if (waiting.index === index) waiting.settle(null);
  }

  close(): void {
    for (const { settle } of [...this.#waiting.values()]) settle(null);
  }
}
