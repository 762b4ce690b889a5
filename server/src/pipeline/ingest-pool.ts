import { type Transferable, Worker } from 'node:worker_threads';
import { Pulse, type StageSign } from '../core/pulse.js';
import type { WorkSignal } from '../core/work-signal.js';
import { messageOf } from '../core/errors.js';
import type { FromIngest, IngestStreamOptions, IngestWorkerData, ToIngest } from '../ingest/messages.js';
import { workerHeap } from '../ops/worker-heap.js';
import { workerUrl } from '../ops/worker-url.js';

/** How long streams may take to say goodbye to their cameras before their worker is ended. */
const CLOSE_TIMEOUT_MS = 1500;
const RESTART_DELAY_MS = 1000;

interface Member {
  /** The least that no other has: its name for people. */
  number: number;
  /** How many there were before it: its threads may be replaced, but it is this one. */
  life: number;
  worker: Worker;
  pulse: Pulse;
  /** Settles when the worker is gone, also if nobody waited then. */
  ended: Promise<void>;
  /** While there is no thread: who wants packets of a stream as soon as there is one. A dead thread drops what it is sent. */
  waiting: Subscribe[];
  up: boolean;
  streams: Map<number, IngestStreamOptions>;
}

type Subscribe = Extract<ToIngest, { type: 'subscribe' }>;

export interface IngestPoolEvents {
  onMessage(message: FromIngest): void;
  /** A worker died; a new one takes its streams as `resume` describes them. */
  onDeath(indexes: number[], reason: string): void;
  /** How a stream goes on in another worker. */
  resume(stream: IngestStreamOptions): IngestStreamOptions;
  /** The stream is in a new worker: what was asked of the old one (tiles, subscriptions) must be asked again. */
  onResumed(index: number): void;
}

type CreateIngestWorker = (signal: SharedArrayBuffer, pulse: SharedArrayBuffer) => Worker;

/** The ingest worker threads: at most `streamsPerWorker` streams each. A worker that dies is replaced. */
export class IngestPool {
  readonly #signal: WorkSignal;
  readonly #streamsPerWorker: number;
  readonly #events: IngestPoolEvents;
  readonly #createWorker: CreateIngestWorker;
  #deaths = 0;
  #lives = 0;
  readonly #members: Member[] = [];
  /** Workers without streams that are ending. */
  readonly #retiring = new Set<Promise<void>>();
  readonly #restarts = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(
    signal: WorkSignal,
    streamsPerWorker: number,
    events: IngestPoolEvents,
    createWorker: CreateIngestWorker = createIngestWorker,
  ) {
    this.#signal = signal;
    this.#streamsPerWorker = streamsPerWorker;
    this.#events = events;
    this.#createWorker = createWorker;
  }

  add(stream: IngestStreamOptions): void {
    let member = this.#members.find((m) => m.streams.size < this.#streamsPerWorker);
    if (!member) {
      member = { number: this.#freeNumber(), life: this.#lives++, ...this.#spawn(), streams: new Map(), waiting: [] };
      this.#members.push(member);
      this.#listen(member);
    }
    member.streams.set(stream.index, stream);
    this.#post(member, { type: 'add', stream });
  }

  /** A worker that has no stream left is ended, but for the last one. */
  remove(index: number): void {
    const member = this.#memberOf(index);
    if (!member) return;
    this.#drop(member, index);
    if (member.streams.size > 0 || this.#members.length === 1) return;
    this.#members.splice(this.#members.indexOf(member), 1);
    const ending = this.#end(member).finally(() => this.#retiring.delete(ending));
    this.#retiring.add(ending);
  }

  /** Another stream in the place of this one, in the same worker: what the one wrote the other may write at once. */
  replace(index: number, stream: IngestStreamOptions): void {
    const member = this.#memberOf(index);
    if (!member) return;
    this.#drop(member, index);
    member.streams.set(stream.index, stream);
    this.#post(member, { type: 'add', stream });
  }

  /** Worker threads at work. */
  get workers(): number {
    return this.#members.length;
  }

  /** To the worker that owns the stream. Between two workers only subscriptions are kept; `onResumed` asks for the rest anew. */
  send(index: number, message: ToIngest, transfer: Transferable[] = []): void {
    const member = this.#memberOf(index);
    if (!member) return;
    if (member.up) this.#post(member, message, transfer);
    else if (message.type === 'subscribe') this.#keep(member, message);
  }

  /** Workers that died and were replaced. */
  get deaths(): number {
    return this.#deaths;
  }

  /** Of the workers that have streams to read. */
  signs(): StageSign[] {
    return this.#members
      .filter(({ streams }) => streams.size > 0)
      .map(({ number, life, pulse }) => ({
        ...{ name: `ingest worker ${number}`, life },
        ...{ input: null, output: pulse.beats, patient: pulse.patient },
      }));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#restarts) clearTimeout(timer);
    await Promise.all([...this.#members.map((member) => this.#end(member)), ...this.#retiring]);
  }

  #drop(member: Member, index: number): void {
    this.#post(member, { type: 'remove', index });
    member.streams.delete(index);
    for (const wish of member.waiting) if (wish.index === index) wish.port.close();
  }

  #keep(member: Member, wish: Subscribe): void {
    member.waiting.push(wish);
    // Its reader no longer wants it.
    wish.port.once('close', () => (member.waiting = member.waiting.filter((each) => each !== wish)));
  }

  async #end({ worker, ended, waiting }: Member): Promise<void> {
    for (const { port } of waiting) port.close();
    worker.postMessage({ type: 'close' } satisfies ToIngest);
    const timer = setTimeout(() => void worker.terminate(), CLOSE_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }

  #spawn(): Pick<Member, 'worker' | 'pulse' | 'ended' | 'up'> {
    const pulse = new Pulse();
    const worker = this.#createWorker(this.#signal.buffer, pulse.buffer);
    return { worker, pulse, up: true, ended: new Promise((resolve) => worker.once('exit', () => resolve())) };
  }

  #listen(member: Member): void {
    const { worker } = member;
    let reason = 'it ended';
    worker.on('message', (message: FromIngest) => this.#events.onMessage(message));
    worker.on('error', (error) => {
      reason = messageOf(error);
    });
    worker.on('exit', () => {
      if (member.worker !== worker) return;
      member.up = false;
      if (this.#closed || !this.#members.includes(member)) return;
      this.#deaths++;
      this.#events.onDeath([...member.streams.keys()], reason);
      // Not at once: a worker that dies at its first frame must not spin the process.
      const timer = setTimeout(() => {
        this.#restarts.delete(timer);
        if (!this.#members.includes(member)) return;
        Object.assign(member, this.#spawn());
        this.#listen(member);
        for (const [index, old] of member.streams) {
          const stream = this.#events.resume(old);
          member.streams.set(index, stream);
          this.#post(member, { type: 'add', stream });
          this.#events.onResumed(index);
        }
        for (const wish of member.waiting.splice(0)) {
          wish.port.removeAllListeners('close');
          this.#post(member, wish, [wish.port]);
        }
      }, RESTART_DELAY_MS);
      this.#restarts.add(timer);
    });
  }

  #freeNumber(): number {
    let number = 0;
    while (this.#members.some((member) => member.number === number)) number++;
    return number;
  }

  #memberOf(index: number): Member | undefined {
    return this.#members.find((m) => m.streams.has(index));
  }

  #post(member: Member, message: ToIngest, transfer: Transferable[] = []): void {
    member.worker.postMessage(message, transfer);
  }
}

/** A real ingest worker thread. */
export function createIngestWorker(signal: SharedArrayBuffer, pulse: SharedArrayBuffer): Worker {
  const workerData: IngestWorkerData = { signal, pulse };
  return new Worker(workerUrl(import.meta.url, '../ingest/worker.js'), {
    workerData,
    name: 'ingest',
    // RTP packets live as long as a group of pictures, which is long enough to survive collections of the young: with
    // more room for them the heap grows to three times what it holds.
    resourceLimits: workerHeap(),
  });
}
