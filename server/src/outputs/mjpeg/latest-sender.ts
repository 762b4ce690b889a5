/** The part of a Node stream that the sender needs. */
export interface SinkStream {
  readonly writableNeedDrain: boolean;
  write(chunk: Uint8Array): boolean;
  cork(): void;
  uncork(): void;
  on(event: 'drain', listener: () => void): unknown;
}

/**
 * Sends pictures to one client that may be slower than they come: while the socket is full, exactly one picture waits,
 * and a newer one takes its place. What a client can hold is thus bounded by the picture under way and one more.
 */
export class LatestSender {
  readonly #stream: SinkStream;
  readonly #frame: (picture: Buffer) => readonly Uint8Array[];
  readonly #nowMs: () => number;
  #pending: Buffer | null = null;
  #blockedSinceMs: number | null = null;
  #sent = 0;
  #replaced = 0;

  /** `frame` gives the chunks to write for one picture. */
  constructor(stream: SinkStream, frame: (picture: Buffer) => readonly Uint8Array[], nowMs: () => number) {
    this.#stream = stream;
    this.#frame = frame;
    this.#nowMs = nowMs;
    stream.on('drain', () => this.#drained());
  }

  /** Pictures handed to the socket. */
  get sent(): number {
    return this.#sent;
  }

  /** Pictures that a newer one replaced before they could be sent. */
  get replaced(): number {
    return this.#replaced;
  }

  /** How long the socket has been full; 0 while it is not. */
  get blockedForMs(): number {
    return this.#blockedSinceMs === null ? 0 : this.#nowMs() - this.#blockedSinceMs;
  }

  send(picture: Buffer): void {
    if (this.#stream.writableNeedDrain) {
      this.#blockedSinceMs ??= this.#nowMs();
      if (this.#pending) this.#replaced++;
      this.#pending = picture;
      return;
    }
    this.#sent++;
    let room = true;
    this.#stream.cork();
    for (const chunk of this.#frame(picture)) room = this.#stream.write(chunk);
    this.#stream.uncork();
    if (!room) this.#blockedSinceMs = this.#nowMs();
  }

  #drained(): void {
    this.#blockedSinceMs = null;
    const picture = this.#pending;
    this.#pending = null;
    if (picture) this.send(picture);
  }
}
