import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

import type { Clock } from '../../core/clock.js';
import { LanecastError } from '../../core/errors.js';
import type { TrackMessage } from '../../core/types.js';
import type { Pipeline, StreamListChange } from '../../pipeline/api.js';
import { EventClient } from './event-client.js';

const HEARTBEAT_MS = 15_000;
/** A client whose socket has been full for this long is gone. */
const GIVE_UP_MS = 60_000;

/** The headers of an event stream (WHATWG HTML, "Server-sent events"). */
export const EVENT_STREAM_HEADERS: OutgoingHttpHeaders = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // nginx and its kin would collect the events into blocks.
  'X-Accel-Buffering': 'no',
};

/** Figures for `/api/stats` and `/metrics`. */
export interface EventStats {
  clients: number;
  sent: number;
  /** Not sent, because the client's socket was full and a newer message of the same stream came. */
  replaced: number;
}

/** `GET /api/tracks`: one JSON object per processed frame, to any number of clients; serialised once for all. */
export class TrackEvents {
  readonly #pipeline: Pipeline;
  readonly #clock: Clock;
  readonly #maxClients: number;
  readonly #clients = new Map<EventClient, ReadonlySet<string> | null>();
  readonly #unfollow: () => void;
  #unsubscribe: (() => void) | null = null;
  #cancelHeartbeat: (() => void) | null = null;
  #sentBefore = 0;
  #replacedBefore = 0;
  #closed = false;

  constructor(pipeline: Pipeline, clock: Clock, maxClients: number) {
    this.#pipeline = pipeline;
    this.#clock = clock;
    this.#maxClients = maxClients;
    this.#unfollow = pipeline.onStreams((change) => this.#followList(change));
  }

  stats(): EventStats {
    let sent = this.#sentBefore;
    let replaced = this.#replacedBefore;
    for (const client of this.#clients.keys()) {
      sent += client.sent;
      replaced += client.replaced;
    }
    return { clients: this.#clients.size, sent, replaced };
  }

  /**
   * Streams to a client until it leaves: the messages of `streamIds`, or of all streams (null). Throws a LanecastError
   * `too-many-subscribers` before anything is sent.
   */
  serve(streamIds: ReadonlySet<string> | null, response: ServerResponse, headers: OutgoingHttpHeaders): void {
    if (this.#closed || this.#clients.size >= this.#maxClients)
      throw new LanecastError(
        'too-many-subscribers',
        `${this.#clients.size} clients listen already, which is the limit; close one and try again`,
      );
    const client = new EventClient(response, () => this.#clock.nowMs());
    response.once('close', () => this.#left(client));
    // A reset connection is an ordinary way to leave; 'close' follows.
    response.on('error', () => undefined);
    response.writeHead(200, { ...headers, ...EVENT_STREAM_HEADERS });
    client.heartbeat();
    this.#clients.set(client, streamIds);
    this.#unsubscribe ??= this.#pipeline.onTracks((message) => this.#publish(message));
    if (!this.#cancelHeartbeat) this.#scheduleHeartbeat();
  }

  /** Ends every stream; may be called twice. */
  close(): void {
    this.#closed = true;
    this.#unfollow();
    for (const client of this.#clients.keys()) client.close();
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#cancelHeartbeat?.();
    this.#cancelHeartbeat = null;
  }

  #publish(message: TrackMessage): void {
    let event: Buffer | null = null;
    for (const [client, streamIds] of this.#clients) {
      if (streamIds && !streamIds.has(message.stream)) continue;
      event ??= Buffer.from(`data: ${JSON.stringify(message)}\n\n`);
      client.send(message.stream, event);
    }
  }

  /** Who listens only to streams that are gone is told so, and the answer ends: to ask again gives a 404. */
  #followList({ removed }: StreamListChange): void {
    if (removed.length === 0) return;
    const there = new Set(this.#pipeline.streams().map(({ id }) => id));
    for (const [client, streamIds] of this.#clients)
      if (streamIds && ![...streamIds].some((id) => there.has(id)))
        client.end('stream-removed', `removed from the configuration: ${[...streamIds].join(', ')}`);
  }

  #left(client: EventClient): void {
    if (!this.#clients.delete(client)) return;
    this.#sentBefore += client.sent;
    this.#replacedBefore += client.replaced;
    if (this.#clients.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  #scheduleHeartbeat(): void {
    this.#cancelHeartbeat = this.#clock.after(HEARTBEAT_MS, () => {
      this.#cancelHeartbeat = null;
      for (const client of this.#clients.keys()) {
        if (client.blockedForMs > GIVE_UP_MS) client.close();
        else client.heartbeat();
      }
      if (this.#clients.size > 0) this.#scheduleHeartbeat();
    });
  }
}
