/** The part of a Node stream that a client of events needs. */
export interface EventSink {
  readonly writableNeedDrain: boolean;
  write(chunk: Uint8Array): boolean;
  on(event: 'drain', listener: () => void): unknown;
  end(): unknown;
  destroy(): unknown;
}

/**
 * One client of server-sent events. While its socket is full, one event per stream waits, and a newer event of the
 * same stream takes its place: what waits is bounded by the number of streams, however slow the client is.
 */
export class EventClient {
  readonly #sink: EventSink;
  readonly #nowMs: () => number;
  /** In order of arrival: a replaced event keeps the place of the older one, so that no stream starves. */
  readonly #pending = new Map<string, Buffer>();
  #blockedSinceMs: number | null = null;
  #sent = 0;
  #replaced = 0;

  constructor(sink: EventSink, nowMs: () => number) {
    this.#sink = sink;
    this.#nowMs = nowMs;
    sink.on('drain', () => this.#drained());
  }

  /** Events handed to the socket. */
  get sent(): number {
    return this.#sent;
  }

  /** Events that a newer one of the same stream replaced. */
  get replaced(): number {
    return this.#replaced;
  }

  /** Events that wait for the socket. */
  get pending(): number {
    return this.#pending.size;
  }

  /** How long the socket has been full; 0 while it is not. */
  get blockedForMs(): number {
    return this.#blockedSinceMs === null ? 0 : this.#nowMs() - this.#blockedSinceMs;
  }

  send(stream: string, event: Buffer): void {
    if (this.#sink.writableNeedDrain) {
      this.#blockedSinceMs ??= this.#nowMs();
      if (this.#pending.has(stream)) this.#replaced++;
      this.#pending.set(stream, event);
      return;
    }
    this.#write(event);
  }

  /** A comment line, which keeps connections through proxies open; a client that is behind anyway gets none. */
  heartbeat(): void {
    if (!this.#sink.writableNeedDrain) this.#sink.write(HEARTBEAT);
  }

  /** Says why (as an event `end`) and ends the answer. */
  end(code: string, message: string): void {
    this.#pending.clear();
    this.#sink.write(Buffer.from(`event: end\ndata: ${JSON.stringify({ code, message })}\n\n`));
    this.#sink.end();
  }

  close(): void {
    this.#pending.clear();
    this.#sink.destroy();
  }

  #drained(): void {
    this.#blockedSinceMs = null;
    for (const [stream, event] of this.#pending) {
      this.#pending.delete(stream);
      if (!this.#write(event)) return;
    }
  }

  #write(event: Buffer): boolean {
    this.#sent++;
    const room = this.#sink.write(event);
    if (!room) this.#blockedSinceMs = this.#nowMs();
    return room;
  }
}

const HEARTBEAT = Buffer.from(': keep-alive\n\n');
