import type { Clock } from '../../core/clock.js';
import type { Log } from '../../core/log.js';
import type { LeaseTerms, LendOffer } from '../../core/signalling/messages.js';
import type { Detection } from '../../core/types.js';
import { DetectionIntake, type IntakeLease, type IntakeOptions, isLie } from '../../detect/lending/intake.js';
import { type LeaseChange, LeasePolicy } from '../../detect/lending/lease-policy.js';
import type { ReceivedFrame } from '../../detect/lending/recent-frames.js';
import { LendingFigures, type LendingStats } from './figures.js';
import { StreamBook } from './stream-book.js';

/** A stream as the desk sees it. */
export interface LendableStream {
  id: string;
  /** In binary messages. */
  index: number;
  /** The camera sends what WebRTC carries as it is. */
  lendable: boolean;
  /** Frames a second that it sends, and that were detected, by whomever. */
  framesPerS: number;
  detectedPerS: number;
  /** Of the last frame that was tracked. */
  lastPtsUs: number;
}

/** What the desk asks of the pipeline. */
export interface LendingHouse {
  streams(): LendableStream[];
  /** See `ToIngest`. */
  setLending(stream: string, lending: { report: boolean; lent: boolean }): void;
  /** Tracks what a page found on a frame. */
  deliver(stream: string, frame: ReceivedFrame, detections: Detection[]): void;
}

/** A page that may lend, at the desk. */
export interface Visitor {
  /** Of whom a lie is remembered. */
  identity: string;
  /** All leases it has; and why it has not more, or what became of the last. */
  onLeases(leases: LeaseTerms[], reason: string | null): void;
}

/** A visitor's place at the desk. */
export interface LenderSeat {
  /** null: it lends no longer. */
  lend(offer: LendOffer | null): void;
  /** The streams whose video it gets. */
  watch(streams: readonly string[]): void;
  /** A message of detections came. */
  receive(message: Uint8Array): void;
  /** So many came that they were not even passed on. */
  flooded(): void;
  /** The page is gone; may be called twice. */
  leave(): void;
}

/** What the outputs may ask. */
export interface Lending {
  open(visitor: Visitor): LenderSeat;
  stats(): LendingStats;
}

export interface LendingDeskOptions {
  house: LendingHouse;
  intake: IntakeOptions;
  /** The server itself detects what is not lent. */
  serverDetects: boolean;
  maxLatencyMs: number;
  clock: Clock;
  log: Log;
  /** Leases count from here. */
  firstLease: number;
}

const TICK_MS = 200;
/** What a lender sends so long after its lease ended was on its way. */
const FAREWELL_MS = 5000;
/** Nobody believes more. */
const MAX_CLAIM_PER_S = 1000;

interface Seat {
  id: string;
  visitor: Visitor;
  offer: LendOffer | null;
  streams: ReadonlySet<string>;
  over: Map<number, number>;
}

/**
 * Lends streams to pages: wires the policy (who gets which), the intake (what is believed) and the pipeline. It lives on
 * the main thread; a message costs it well under a millisecond.
 */
export class LendingDesk implements Lending {
  readonly #options: LendingDeskOptions;
  readonly #policy: LeasePolicy;
  readonly #intake: DetectionIntake;
  readonly #figures = new LendingFigures();
  readonly #seats = new Map<string, Seat>();
  readonly #book = new StreamBook();
  #nextSeat = 1;
  #cancel: (() => void) | null = null;
  #closed = false;

  constructor(options: LendingDeskOptions) {
    this.#options = options;
    this.#policy = new LeasePolicy({ maxLatencyMs: options.maxLatencyMs }, options.firstLease);
    this.#intake = new DetectionIntake(options.intake);
    this.#tick();
  }

  open(visitor: Visitor): LenderSeat {
    const seat: Seat = {
      id: `lender-${this.#nextSeat++}`,
      visitor,
      offer: null,
      streams: new Set(),
      over: new Map(),
    };
    this.#seats.set(seat.id, seat);
    return {
      lend: (offer) => this.#lend(seat, offer),
      watch: (streams) => {
        seat.streams = new Set(streams);
        this.#describe(seat);
      },
      receive: (message) => this.#receive(seat, message),
      flooded: () => {
        this.#figures.reject('flood');
        this.#lied(seat, 'a flood of messages');
      },
      leave: () => {
        if (!this.#seats.delete(seat.id)) return;
        this.#apply(this.#policy.removeLender(seat.id, 'left'));
        this.#decide();
      },
    };
  }

  stats(): LendingStats {
    const now = this.#now();
    return {
      lenders: [...this.#seats.values()].filter(({ offer }) => offer !== null).length,
      leases: this.#policy.leases.map((lease) => ({
        stream: lease.stream,
        state: lease.heldSinceMs === null ? 'trial' : 'held',
        backend: this.#seats.get(lease.lender)?.offer?.backend ?? '',
        detectionsPerS: lease.perS(now),
        latencyP95Ms: lease.latencyP95Ms(now),
      })),
      ...this.#figures.stats(),
    };
  }

  /** A page detects on the stream. */
  isLent(stream: string): boolean {
    return this.#policy.holder(stream) !== null;
  }

  /** Frames of a stream came. */
  frames(stream: string, frames: readonly ReceivedFrame[]): void {
    const known = this.#book.frames(stream);
    for (const frame of frames) {
      known.add(frame);
      this.#policy.frame(stream);
    }
  }

  frameNumber(stream: string, ptsUs: number, frameNo: number): void {
    this.#book.frames(stream).setFrameNumber(ptsUs, frameNo);
  }

  /** The stream's worker is another one now, and knows nothing. */
  announce(stream: string): void {
    const lent = this.isLent(stream);
    const report = this.#policy.leases.some((lease) => lease.stream === stream);
    if (report) this.#options.house.setLending(stream, { report, lent });
  }

  clearLatencies(): void {
    this.#figures.clearLatencies();
  }

  /** May be called twice. */
  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#cancel = null;
  }

  #now(): number {
    return this.#options.clock.nowMs();
  }

  #lend(seat: Seat, offer: LendOffer | null): void {
    seat.offer = offer;
    if (offer) {
      this.#describe(seat);
      return;
    }
    this.#apply(this.#policy.removeLender(seat.id, 'withdrawn'));
    this.#decide();
  }

  #describe(seat: Seat): void {
    if (!seat.offer) return;
    const perS = Math.min(MAX_CLAIM_PER_S, seat.offer.detectionsPerS);
    this.#apply(this.#policy.setLender(seat.id, seat.visitor.identity, { perS, streams: seat.streams }));
    this.#decide();
    if (!this.#policy.leases.some(({ lender }) => lender === seat.id)) this.#tell(seat, this.#whyNot(seat));
  }

  #whyNot(seat: Seat): string {
    const untilMs = this.#policy.bannedUntilMs(seat.visitor.identity, this.#now());
    if (untilMs !== null) {
      const seconds = Math.ceil((untilMs - this.#now()) / 1000);
      return `This page sent detections that cannot be right; it is asked again in ${seconds} s`;
    }
    if (seat.streams.size === 0) return 'This page shows no stream';
    return 'No stream needs this page at the moment';
  }

  #receive(seat: Seat, bytes: Uint8Array): void {
    if (!this.#seats.has(seat.id)) return;
    const now = this.#now();
    const result = this.#intake.take(bytes, (lease) => this.#lookup(seat, lease, now), now);
    if ('rejection' in result) {
      this.#figures.reject(result.rejection);
      if (isLie(result.rejection)) this.#lied(seat, `${result.rejection}: ${result.detail}`);
      return;
    }
    const { lease, frame, detections } = result;
    const latencyMs = now - frame.receivedAtMs;
    this.#policy.useful(lease, latencyMs, now);
    this.#figures.accept(latencyMs);
    if (lease.heldSinceMs !== null) this.#options.house.deliver(lease.stream, frame, detections);
    else this.#decide();
  }

  #lookup(seat: Seat, id: number, nowMs: number): IntakeLease | 'over' | null {
    const lease = this.#policy.find(id);
    if (lease?.lender !== seat.id) return nowMs - (seat.over.get(id) ?? -Infinity) < FAREWELL_MS ? 'over' : null;
    const stream = this.#options.house.streams().find((s) => s.id === lease.stream);
    if (!stream) return 'over';
    const { index, framesPerS } = stream;
    // On trial others track the stream: what comes is only measured.
    const lastPtsUs = lease.heldSinceMs === null ? -1 : stream.lastPtsUs;
    return { lease, streamIndex: index, frames: this.#book.frames(lease.stream), framesPerS, lastPtsUs };
  }

  #lied(seat: Seat, what: string): void {
    const { log } = this.#options;
    log.warn({ lender: seat.id }, `a page that lends sent what cannot be right (${what}); it is not asked for a while`);
    this.#apply(this.#policy.lied(seat.id, what, this.#now()));
    this.#tell(seat, this.#whyNot(seat));
    this.#decide();
  }

  #tick(): void {
    if (this.#closed) return;
    const now = this.#now();
    const seen = new Set<string>();
    for (const { id, lendable, framesPerS, detectedPerS } of this.#options.house.streams()) {
      if (!lendable) continue;
      seen.add(id);
      const own = this.#book.serverPerS(id, detectedPerS, this.isLent(id), now);
      this.#policy.setStream(id, { framesPerS, serverPerS: this.#options.serverDetects ? own : 0 });
    }
    for (const id of this.#book.keepOnly(seen)) this.#apply(this.#policy.removeStream(id));
    for (const { over } of this.#seats.values())
      for (const [lease, endedAtMs] of over) if (now - endedAtMs > FAREWELL_MS) over.delete(lease);
    this.#decide();
    this.#cancel = this.#options.clock.after(TICK_MS, () => this.#tick());
  }

  #decide(): void {
    if (this.#closed) return;
    this.#apply(this.#policy.decide(this.#now()));
  }

  #apply(changes: readonly LeaseChange[]): void {
    const reasons = new Map<string, string | null>();
    const touched = new Set<string>();
    for (const change of changes) {
      const { lease } = change;
      touched.add(lease.stream);
      if (change.type === 'held') {
        this.#options.log.info({ stream: lease.stream }, `a page detects on ${lease.stream} (${lease.lender})`);
        continue;
      }
      if (change.type === 'ended') this.#ended(change);
      else this.#figures.grant();
      reasons.set(lease.lender, change.type === 'ended' ? `${lease.stream}: ${change.detail}` : null);
    }
    for (const stream of touched) {
      const report = this.#policy.leases.some((lease) => lease.stream === stream);
      this.#options.house.setLending(stream, { report, lent: this.isLent(stream) });
    }
    for (const [id, reason] of reasons) {
      const seat = this.#seats.get(id);
      if (seat) this.#tell(seat, reason);
    }
  }

  #ended({ lease, reason, wasHeld, detail }: Extract<LeaseChange, { type: 'ended' }>): void {
    this.#figures.end(reason);
    this.#seats.get(lease.lender)?.over.set(lease.id, this.#now());
    if (wasHeld) this.#options.log.info({ stream: lease.stream, reason }, `${lease.stream} is taken back: ${detail}`);
  }

  #tell(seat: Seat, reason: string | null): void {
    const { scoreThreshold, maxRows } = this.#options.intake;
    const mine = this.#policy.leases.filter(({ lender }) => lender === seat.id);
    seat.visitor.onLeases(
      mine.map(({ id, stream }) => ({ stream, lease: id, scoreThreshold, maxRows })),
      reason,
    );
  }
}
