import { Lease, type LeaseEnd } from './lease.js';
import { Lender, type LenderTerms } from './lender.js';

export interface LeasePolicyOptions {
  /** Detections that come later than this after their frame (p95) are of no use. */
  maxLatencyMs: number;
  /** A stream with less than this is hardly tracked. */
  minPerS: number;
  /** A lender must do this share of what the server does on the stream. */
  minServerShare: number;
  /** Silence, although frames come, that ends a lease. */
  expiryMs: number;
  /** A trial is passed in this time, or not. */
  trialMs: number;
  /** How long a trial measures from the first useful detections on. */
  measureMs: number;
  /** A stream is not moved to a better lender before this. */
  settledMs: number;
  /** And only to one that does so much more. */
  betterBy: number;
  /** How long somebody who lied is not asked; doubled at each further lie. */
  banMs: number;
}

export const LEASE_POLICY_DEFAULTS: LeasePolicyOptions = {
  maxLatencyMs: 500,
  minPerS: 4,
  minServerShare: 0.5,
  expiryMs: 1000,
  trialMs: 4000,
  measureMs: 700,
  settledMs: 10_000,
  betterBy: 1.5,
  banMs: 60_000,
};

const MAX_BAN_MS = 3_600_000;
const TRIAL_SAMPLES = 4;
/** A held lease may fall so far below what is needed before it is ended: rates waver. */
const SLACK = 0.8;
const FRAMES_BEFORE_STALLED = 3;
/** So many times longer may a lender be silent where nobody else detects. */
const ALONE_PATIENCE = 5;
/** After a lease that was too slow the lender's others get this time to recover. */
const RELIEF_MS = 2000;
/** Lenders and liars that are remembered at most. */
const MAX_REMEMBERED = 1000;

/** What the policy knows of a stream. */
export interface StreamDemand {
  /** Frames a second that the camera sends. */
  framesPerS: number;
  /** What the server does, or last did, on it; 0: it does not detect at all. */
  serverPerS: number;
}

export type LeaseChange =
  | { type: 'granted' | 'held'; lease: Lease }
  | { type: 'ended'; lease: Lease; wasHeld: boolean; reason: LeaseEnd; detail: string };

interface Stream extends StreamDemand {
  holder: Lease | null;
  candidate: Lease | null;
}

/**
 * Who detects on which stream. One lender a stream, the one with most detections a second to spare first. Whoever detects
 * goes on until the next one has shown what it can do (a trial), so that no stream is ever without; a lease that lags is
 * ended at once, and tried again later and later. Pure: time is passed in, changes are returned.
 */
export class LeasePolicy {
  readonly #options: LeasePolicyOptions;
  readonly #streams = new Map<string, Stream>();
  readonly #lenders = new Map<string, Lender>();
  readonly #relievedAtMs = new Map<string, number>();
  readonly #bans = new Map<string, { count: number; untilMs: number }>();
  readonly #byId = new Map<number, Lease>();
  #nextLease: number;

  /** @param firstLease ids count from here; a random one keeps leases of an earlier server apart */
  constructor(options: Partial<LeasePolicyOptions> = {}, firstLease = 1) {
    this.#options = { ...LEASE_POLICY_DEFAULTS, ...options };
    this.#nextLease = firstLease >>> 0;
  }

  /** Every lease there is, on trial or held. */
  get leases(): Lease[] {
    return [...this.#byId.values()];
  }

  find(lease: number): Lease | null {
    return this.#byId.get(lease) ?? null;
  }

  holder(stream: string): Lease | null {
    return this.#streams.get(stream)?.holder ?? null;
  }

  /** A stream that can be lent, or what changed about it. */
  setStream(id: string, demand: StreamDemand): void {
    const known = this.#streams.get(id);
    if (known) Object.assign(known, demand);
    else this.#streams.set(id, { ...demand, holder: null, candidate: null });
  }

  removeStream(id: string): LeaseChange[] {
    const stream = this.#streams.get(id);
    if (!stream) return [];
    const changes = leasesOf(stream).map((lease) => this.#end(lease, 'unseen', 'the stream cannot be lent any more'));
    this.#streams.delete(id);
    return changes;
  }

  /** A page lends, or says something new about itself. */
  setLender(id: string, identity: string, terms: LenderTerms): LeaseChange[] {
    const known = this.#lenders.get(id);
    if (!known) {
      this.#lenders.set(id, new Lender(id, identity, terms));
      return [];
    }
    known.terms = terms;
    return this.#leasesOfLender(id)
      .filter(({ stream }) => !terms.streams.has(stream))
      .map((lease) => this.#end(lease, 'unseen', 'the page does not show the stream any more'));
  }

  removeLender(id: string, reason: 'withdrawn' | 'left'): LeaseChange[] {
    const detail = reason === 'left' ? 'the page is gone' : 'the page lends no longer';
    const changes = this.#leasesOfLender(id).map((lease) => this.#end(lease, reason, detail));
    this.#lenders.delete(id);
    this.#relievedAtMs.delete(id);
    return changes;
  }

  /** It sent what no honest page sends: all of its leases end, and it is not asked again for a while. */
  lied(id: string, what: string, nowMs: number): LeaseChange[] {
    const lender = this.#lenders.get(id);
    if (!lender) return [];
    const count = (this.#bans.get(lender.identity)?.count ?? 0) + 1;
    this.#bans.delete(lender.identity);
    if (this.#bans.size >= MAX_REMEMBERED) this.#bans.delete(this.#bans.keys().next().value!);
    const untilMs = nowMs + Math.min(MAX_BAN_MS, this.#options.banMs * 2 ** (count - 1));
    this.#bans.set(lender.identity, { count, untilMs });
    return this.#leasesOfLender(id).map((lease) => this.#end(lease, 'lied', what));
  }

  /** When somebody who lied may be asked again; null: at any time. */
  bannedUntilMs(identity: string, nowMs: number): number | null {
    const untilMs = this.#bans.get(identity)?.untilMs ?? -Infinity;
    return untilMs > nowMs ? untilMs : null;
  }

  /** A frame of the stream came. */
  frame(stream: string): void {
    const known = this.#streams.get(stream);
    if (known) for (const lease of leasesOf(known)) lease.frame();
  }

  /** Detections came that can be used. */
  useful(lease: Lease, latencyMs: number, nowMs: number): void {
    lease.useful(latencyMs, nowMs);
  }

  /** Call it several times a second, and when something changed. */
  decide(nowMs: number): LeaseChange[] {
    return [...this.#review(nowMs), ...this.#grant(nowMs)];
  }

  /** Ends what lags and concludes trials. */
  #review(nowMs: number): LeaseChange[] {
    const changes: LeaseChange[] = [];
    for (const stream of this.#streams.values()) {
      for (const lease of leasesOf(stream)) {
        const end =
          lease === stream.holder ? this.#faultOf(lease, stream, nowMs) : this.#trialFault(lease, stream, nowMs);
        if (end) {
          changes.push(this.#fail(lease, end.reason, end.detail, nowMs));
          continue;
        }
        if (lease !== stream.candidate || !this.#passed(lease, stream, nowMs)) continue;
        if (stream.holder) changes.push(this.#end(stream.holder, 'outdone', 'another page does more'));
        stream.candidate = null;
        stream.holder = lease;
        lease.heldSinceMs = nowMs;
        changes.push({ type: 'held', lease });
      }
    }
    return changes;
  }

  #faultOf(lease: Lease, stream: Stream, nowMs: number): { reason: 'slow' | 'stalled'; detail: string } | null {
    const { expiryMs, maxLatencyMs, measureMs } = this.#options;
    const silentMs = lease.silentForMs(nowMs);
    // Where nobody would go on, somebody slow is better than nobody.
    const isAlone = stream.serverPerS === 0 && !this.#bestFor(lease.stream, stream, nowMs);
    if (silentMs > (isAlone ? ALONE_PATIENCE : 1) * expiryMs && lease.framesSinceUseful >= FRAMES_BEFORE_STALLED)
      return { reason: 'stalled', detail: `nothing came for ${Math.round(silentMs)} ms` };
    if (isAlone) return null;
    // Whoever was just relieved of a stream gets the time to show that it helped.
    const relievedMs = nowMs - (this.#relievedAtMs.get(lease.lender) ?? -Infinity);
    if (relievedMs < RELIEF_MS || nowMs - (lease.firstUsefulMs ?? nowMs) < measureMs) return null;
    const p95Ms = lease.latencyP95Ms(nowMs);
    if (p95Ms > maxLatencyMs)
      return { reason: 'slow', detail: `its detections come ${Math.round(p95Ms)} ms after their frames` };
    const perS = lease.perS(nowMs);
    const needed = SLACK * this.#neededPerS(stream);
    // The camera itself may have paused.
    if (perS < needed && lease.framesSinceUseful >= FRAMES_BEFORE_STALLED)
      return { reason: 'slow', detail: `${perS.toFixed(1)} detections/s, where ${needed.toFixed(1)} are needed` };
    return null;
  }

  #trialFault(lease: Lease, stream: Stream, nowMs: number): { reason: 'slow' | 'stalled'; detail: string } | null {
    if (nowMs - lease.grantedAtMs <= this.#options.trialMs) return null;
    const perS = lease.perS(nowMs);
    if (lease.samples(nowMs) === 0) return { reason: 'stalled', detail: 'nothing came at all' };
    const needed = this.#neededPerS(stream);
    return {
      reason: 'slow',
      detail: `on trial: ${perS.toFixed(1)} detections/s of ${needed.toFixed(1)}, ${Math.round(lease.latencyP95Ms(nowMs))} ms after their frames`,
    };
  }

  #passed(lease: Lease, stream: Stream, nowMs: number): boolean {
    const samples = lease.samples(nowMs);
    // Where nobody detects, anything is better than nothing.
    if (!stream.holder && stream.serverPerS === 0) return samples > 0;
    const { measureMs, maxLatencyMs } = this.#options;
    return (
      samples >= TRIAL_SAMPLES &&
      nowMs - (lease.firstUsefulMs ?? nowMs) >= measureMs &&
      lease.latencyP95Ms(nowMs) <= maxLatencyMs &&
      lease.perS(nowMs) >= this.#neededPerS(stream)
    );
  }

  #neededPerS({ framesPerS, serverPerS }: StreamDemand): number {
    const { minPerS, minServerShare } = this.#options;
    return Math.min(SLACK * framesPerS, Math.max(minPerS, minServerShare * serverPerS));
  }

  #grant(nowMs: number): LeaseChange[] {
    const changes: LeaseChange[] = [];
    for (const [id, stream] of this.#streams) {
      if (stream.candidate) continue;
      const best = this.#bestFor(id, stream, nowMs);
      if (!best || !this.#wants(stream, best.perS, nowMs)) continue;
      const lease = new Lease(this.#nextLease, id, best.lender.id, nowMs);
      this.#nextLease = (this.#nextLease + 1) >>> 0;
      this.#byId.set(lease.id, lease);
      stream.candidate = lease;
      changes.push({ type: 'granted', lease });
    }
    return changes;
  }

  /** The lender that would do most on this stream; it gets one stream after the other, so that each is measured. */
  #bestFor(id: string, stream: Stream, nowMs: number): { lender: Lender; perS: number } | null {
    let best: { lender: Lender; perS: number } | null = null;
    for (const lender of this.#lenders.values()) {
      if (stream.holder?.lender === lender.id || !lender.mayTry(id, nowMs)) continue;
      if (this.bannedUntilMs(lender.identity, nowMs) !== null) continue;
      const held = this.#leasesOfLender(lender.id);
      if (held.some(({ heldSinceMs }) => heldSinceMs === null)) continue;
      const perS = lender.capacity(nowMs) / (held.length + 1);
      const demands = [stream, ...held.map((lease) => this.#streams.get(lease.stream)!)];
      if (demands.some((demand) => perS < this.#neededPerS(demand))) continue;
      if (!best || perS > best.perS) best = { lender, perS };
    }
    return best;
  }

  /** Nobody holds it, or whoever does is not good enough by far. */
  #wants({ holder, framesPerS }: Stream, perS: number, nowMs: number): boolean {
    if (!holder) return true;
    const { settledMs, betterBy } = this.#options;
    if (nowMs - (holder.heldSinceMs ?? nowMs) < settledMs) return false;
    const now = holder.perS(nowMs);
    return now < SLACK * framesPerS && Math.min(perS, framesPerS) >= betterBy * now;
  }

  #fail(lease: Lease, reason: 'slow' | 'stalled', detail: string, nowMs: number): LeaseChange {
    const lender = this.#lenders.get(lease.lender);
    const all = this.#leasesOfLender(lease.lender);
    const achieved = all.reduce((sum, other) => sum + other.perS(nowMs), 0);
    const heldForMs = lease.heldSinceMs === null ? 0 : nowMs - lease.heldSinceMs;
    lender?.failed(lease.stream, heldForMs, reason === 'slow' ? achieved : null, nowMs);
    if (reason === 'slow') this.#relievedAtMs.set(lease.lender, nowMs);
    return this.#end(lease, reason, detail);
  }

  #end(lease: Lease, reason: LeaseEnd, detail: string): LeaseChange {
    this.#byId.delete(lease.id);
    const stream = this.#streams.get(lease.stream);
    const wasHeld = stream?.holder === lease;
    if (stream && wasHeld) stream.holder = null;
    if (stream?.candidate === lease) stream.candidate = null;
    return { type: 'ended', lease, wasHeld, reason, detail };
  }

  #leasesOfLender(id: string): Lease[] {
    return this.leases.filter(({ lender }) => lender === id);
  }
}

function leasesOf({ holder, candidate }: Pick<Stream, 'holder' | 'candidate'>): Lease[] {
  return [holder, candidate].filter((lease) => lease !== null);
}
