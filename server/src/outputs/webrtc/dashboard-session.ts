import * as v from 'valibot';
import type { WebSocket } from 'ws';
import { LanecastError, messageOf } from '../../core/errors.js';
import {
  ClientMessage,
  type ServerMessage,
  SIGNALLING_VERSION,
  type StreamCarriage,
} from '../../core/signalling/messages.js';
import type { MediaHost } from './media-host.js';
import type { PeerOptions } from './peer.js';
import { SessionLending, type SessionLendingOptions } from './session-lending.js';

/** Messages a second, on average, and in a burst, that a dashboard may send. */
const MESSAGES_PER_S = 40;
const MESSAGE_BURST = 200;
/** A dashboard pings every few seconds. */
const SILENCE_MS = 30_000;
/** A page gives up after 3.5 s and comes again: what has no connection for media by then is no page, or is stuck. */
const CONNECT_TIMEOUT_MS = 15_000;
const MAX_REASON_BYTES = 100;

/** What a session needs of the service that it belongs to. */
export interface SessionHost {
  classes: readonly string[];
  media: Pick<MediaHost, 'open' | 'answer' | 'addCandidate' | 'watch' | 'setWaits' | 'setLent' | 'leave'>;
  peer: PeerOptions;
  lending: Pick<SessionLendingOptions, 'rights' | 'desk' | 'identity' | 'acceptsModel'>;
  /** The streams as this viewer gets them; `waits`: its video waits for its detections. */
  carriages(waits: boolean): StreamCarriage[];
  /** Lets a stream's packets flow; false if WebRTC cannot carry it, or there is no such stream. */
  openStream(id: string): boolean;
  nowMs(): number;
  epochMs(): number;
  onEnd(session: DashboardSession, reason: string): void;
}

/** One dashboard: its WebSocket, its peer connection in the media worker, and which streams it watches. */
export class DashboardSession {
  readonly #socket: WebSocket;
  readonly #host: SessionHost;
  readonly #lending: SessionLending;
  #viewer: number | null = null;
  #greeted = false;
  #connected = false;
  #offeredAtMs = 0;
  #waits = true;
  #carriages = '';
  #budget = MESSAGE_BURST;
  #heardAtMs: number;
  #ended = false;
  /** One message after the other, although answering takes time. */
  #work: Promise<void> = Promise.resolve();
  /** Offers to detect, one after the other. */
  #offers: Promise<void> = Promise.resolve();

  constructor(socket: WebSocket, host: SessionHost) {
    this.#socket = socket;
    this.#host = host;
    this.#heardAtMs = host.nowMs();
    this.#lending = new SessionLending({
      ...host.lending,
      media: host.media,
      viewer: () => this.#viewer,
      tell: (leases, reason) => this.#send({ type: 'leases', leases, reason }),
    });
    socket.on('message', (data, isBinary) => this.#receive(isBinary ? null : (data as Buffer).toString()));
    socket.on('close', () => this.close('the page was closed'));
    socket.on('error', (error) => this.close(messageOf(error)));
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Called about once a second: tells the page what changed, ends a session that fell silent. */
  tick(): void {
    if (this.#host.nowMs() - this.#heardAtMs > SILENCE_MS) {
      this.close('the page fell silent');
      return;
    }
    if (this.#viewer !== null && !this.#connected && this.#host.nowMs() - this.#offeredAtMs > CONNECT_TIMEOUT_MS) {
      this.close('the connection for media did not come about (UDP, or the port, may be blocked)');
      return;
    }
    if (!this.#greeted) return;
    const streams = this.#streams();
    const text = JSON.stringify(streams);
    if (text === this.#carriages) return;
    this.#carriages = text;
    this.#send({ type: 'streams', streams });
  }

  /** May be called twice. */
  close(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#connected = false;
    this.#lending.close();
    if (this.#viewer !== null) this.#host.media.leave(this.#viewer);
    this.#socket.close(1000, reason.slice(0, MAX_REASON_BYTES));
    this.#host.onEnd(this, reason);
  }

  #receive(text: string | null): void {
    if (this.#ended) return;
    const now = this.#host.nowMs();
    this.#budget = Math.min(MESSAGE_BURST, this.#budget + ((now - this.#heardAtMs) / 1000) * MESSAGES_PER_S);
    this.#heardAtMs = now;
    if (--this.#budget < 0) {
      this.#refuse(new LanecastError('signalling-flood', 'Too many messages; the page may connect again'));
      return;
    }
    let message: ClientMessage;
    try {
      message = parseMessage(text);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    // Not in turn: a page takes a server that is slow with something else for one that is gone.
    if (message.type === 'ping')
      this.#send({ type: 'pong', sentAtMs: message.sentAtMs, serverEpochMs: this.#host.epochMs() });
    else this.#work = this.#inTurn(this.#work, () => this.#handle(message));
  }

  async #inTurn(before: Promise<void>, work: () => Promise<void>): Promise<void> {
    await before;
    if (this.#ended) return;
    try {
      await work();
    } catch (error) {
      this.#refuse(error);
    }
  }

  async #handle(message: Exclude<ClientMessage, { type: 'ping' }>): Promise<void> {
    if (!this.#greeted && message.type !== 'hello')
      throw new LanecastError('signalling-order', `"${message.type}" came before "hello"; the page must greet first`);
    const { media } = this.#host;
    switch (message.type) {
      case 'hello':
        this.#greet(message.version, message.mode === 'smooth');
        return;
      case 'offer': {
        const lines = message.streams.filter(({ stream }) => this.#host.openStream(stream));
        this.#viewer ??= this.#openPeer();
        const sdp = await media.answer(this.#viewer, message.sdp, lines);
        this.#send({ type: 'answer', sdp });
        return;
      }
      case 'candidate':
        if (message.candidate !== null && this.#viewer !== null)
          media.addCandidate(this.#viewer, message.candidate, message.mid);
        return;
      case 'watch':
        if (this.#viewer === null)
          throw new LanecastError('signalling-order', '"watch" came before "offer"; the page must offer first');
        media.watch(this.#viewer, message.streams);
        this.#lending.watch(message.streams);
        return;
      case 'lend':
        // The server may have to prepare its model first, which takes a minute; the page is watched meanwhile.
        this.#offers = this.#inTurn(this.#offers, () => this.#lending.offer(message.offer));
        return;
      case 'mode':
        this.#waits = message.mode === 'smooth';
        if (this.#viewer !== null) media.setWaits(this.#viewer, this.#waits);
        this.tick();
    }
  }

  #greet(version: number, waits: boolean): void {
    if (version !== SIGNALLING_VERSION)
      throw new LanecastError('signalling-version', 'Page and server are of different versions: reload the page');
    if (this.#greeted) throw new LanecastError('signalling-order', '"hello" came twice; once is enough');
    this.#greeted = true;
    this.#waits = waits;
    const streams = this.#streams();
    this.#carriages = JSON.stringify(streams);
    this.#send({ type: 'welcome', version: SIGNALLING_VERSION, classes: [...this.#host.classes], streams });
  }

  /** Video of what this page detects on does not wait for it. */
  #streams(): StreamCarriage[] {
    const lent = this.#lending.streams;
    return this.#host
      .carriages(this.#waits)
      .map((carriage) => (lent.has(carriage.id) ? { ...carriage, holdMs: 0 } : carriage));
  }

  #openPeer(): number {
    this.#offeredAtMs = this.#host.nowMs();
    return this.#host.media.open(this.#host.peer, this.#waits, {
      onCandidate: (candidate, mid) => this.#send({ type: 'candidate', candidate, mid }),
      onConnected: () => (this.#connected = !this.#ended),
      onDetections: (message) => this.#lending.receive(message),
      onFlooded: () => this.#lending.flooded(),
      onEnd: (reason) => this.close(reason),
    });
  }

  #send(message: ServerMessage): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #refuse(error: unknown): void {
    const code = error instanceof LanecastError ? error.code : 'signalling-failed';
    this.#send({ type: 'error', code, message: messageOf(error) });
    this.close(code);
  }
}

function parseMessage(text: string | null): ClientMessage {
  let value: unknown = null;
  try {
    value = text === null ? null : JSON.parse(text);
  } catch (error) {
    throw new LanecastError(
      'signalling-malformed',
      'A message was no JSON; page and server may differ: reload the page',
      {
        cause: error,
      },
    );
  }
  const parsed = v.safeParse(ClientMessage, value);
  if (parsed.success) return parsed.output;
  throw new LanecastError(
    'signalling-malformed',
    `A message was not understood (${parsed.issues[0].message}); page and server may differ: reload the page`,
  );
}
