import { RateMeter } from '../core/rate-meter.js';
import type { CalibrationKind, DetectedBy, StreamCounters, StreamInfo, TrackMessage } from '../core/types.js';
import type { IngestCounters, StreamCondition } from '../ingest/messages.js';
import { redactUrl } from '../core/redact.js';
import type { LendableStream } from './lending/lending-desk.js';

const NO_COUNTERS: IngestCounters = {
  connects: 0,
  packets: 0,
  packetsLost: 0,
  bytes: 0,
  accessUnits: 0,
  unitsDamaged: 0,
  decoded: 0,
  decodeErrors: 0,
  decodedOnGpu: 0,
  decodedLent: 0,
};

/**
 * What the main thread knows of one stream: its condition, counters and rates. Counters of an ingest worker that died
 * are carried over, so that totals never run backwards.
 */
export class StreamStateRecord {
  readonly id: string;
  readonly index: number;
  #url: string;
  #transport: 'tcp' | 'udp';
  readonly #detectedRate = new RateMeter();
  readonly #decodedRate = new RateMeter();
  readonly #unitRate = new RateMeter();
  readonly #bitRate = new RateMeter();
  #condition: StreamCondition;
  #base: IngestCounters = NO_COUNTERS;
  #current: IngestCounters = NO_COUNTERS;
  #detected = 0;
  #detectedLent = 0;
  readonly #tracks = { current: 0, total: 0 };
  #newestTrack = { epoch: 0, id: 0 };
  #lastFrameAtMs: number | null = null;
  /** The highest PTS that was published; before the first, where time begins. */
  lastPtsUs = 0;
  calibrated: CalibrationKind = 'none';
  /** Who detects on it now; null: nobody. */
  detectedBy: DetectedBy | null = null;

  constructor(index: number, id: string, url: string, transport: 'tcp' | 'udp', nowMs: number) {
    this.index = index;
    this.id = id;
    this.#url = redactUrl(url);
    this.#transport = transport;
    this.#condition = {
      state: 'connecting',
      reason: null,
      sinceMs: nowMs,
      codec: null,
      decoder: null,
      decoderReason: null,
      width: 0,
      height: 0,
      webrtcFault: null,
      epoch: 1,
    };
  }

  get condition(): StreamCondition {
    return this.#condition;
  }

  set condition(condition: StreamCondition) {
    this.#condition = condition;
  }

  get decoded(): number {
    return this.#base.decoded + this.#current.decoded;
  }

  get detected(): number {
    return this.#detected;
  }

  /** Its time and its epochs begin here. */
  begin({ ptsUs, epoch }: { ptsUs: number; epoch: number }): void {
    this.lastPtsUs = ptsUs;
    this.#condition = { ...this.#condition, epoch };
  }

  /** What those who lend it out need to know. */
  lendable(nowMs: number): Omit<LendableStream, 'lastPtsUs'> {
    const { state, webrtcFault } = this.#condition;
    return {
      id: this.id,
      index: this.index,
      lendable: state === 'live' && webrtcFault === null,
      framesPerS: this.#unitRate.rate(nowMs),
      detectedPerS: this.#detectedRate.rate(nowMs),
    };
  }

  /** `by`: null where nothing detects, and frames only pass. */
  frameDetected({ ptsUs, epoch, tracks }: TrackMessage, nowMs: number, by: DetectedBy | null = null): void {
    this.#detected++;
    if (by === 'browser') this.#detectedLent++;
    this.#tracks.current = tracks.length;
    // Ids count up from 1 in each epoch.
    if (epoch !== this.#newestTrack.epoch) this.#newestTrack = { epoch, id: 0 };
    for (const { id } of tracks) {
      if (id <= this.#newestTrack.id) continue;
      this.#newestTrack.id = id;
      this.#tracks.total++;
    }
    this.#detectedRate.add(nowMs);
    this.lastPtsUs = Math.max(this.lastPtsUs, ptsUs);
  }

  countersArrived(counters: IngestCounters, lastFrameAtMs: number | null, nowMs: number): void {
    this.#decodedRate.add(nowMs, counters.decoded - this.#current.decoded);
    this.#unitRate.add(nowMs, counters.accessUnits - this.#current.accessUnits);
    this.#bitRate.add(nowMs, 8 * (counters.bytes - this.#current.bytes));
    this.#current = counters;
    this.#lastFrameAtMs = lastFrameAtMs ?? this.#lastFrameAtMs;
  }

  /** The worker that counted is gone; the next one counts from zero. */
  workerDied(reason: string, nowMs: number): void {
    this.#base = this.#totals();
    this.#current = NO_COUNTERS;
    this.#condition = {
      ...this.#condition,
      state: 'backoff',
      reason: { code: 'ingest-worker-died', message: `the ingest worker died (${reason}); a new one is starting` },
      sinceMs: nowMs,
    };
  }

  /** The camera is another one, or reached in another way: it is connected anew, its totals go on. */
  redirected(url: string, transport: 'tcp' | 'udp', nowMs: number): void {
    this.#base = this.#totals();
    this.#current = NO_COUNTERS;
    this.#url = redactUrl(url);
    this.#transport = transport;
    const unknown = { codec: null, decoder: null, decoderReason: null, webrtcFault: null };
    this.#condition = { ...this.#condition, ...unknown, state: 'connecting', reason: null, sinceMs: nowMs };
  }

  info(nowMs: number): StreamInfo {
    const { state, reason, codec, decoder, width, height, webrtcFault, epoch } = this.#condition;
    const { decodedLent, ...totals } = this.#totals();
    const fps = this.#detectedRate.rate(nowMs);
    const decodedFps = this.#decodedRate.rate(nowMs);
    // A page detects on frames that need not be decoded here.
    const offeredFps = this.detectedBy === 'browser' ? this.#unitRate.rate(nowMs) : decodedFps;
    const detectedHere = this.#detected - this.#detectedLent;
    const counters: StreamCounters = {
      ...totals,
      // Reported a quarter of a second late at most; a detected frame was decoded.
      decoded: Math.max(totals.decoded, detectedHere),
      detected: this.#detected,
      detectedLent: this.#detectedLent,
      framesReplaced: Math.max(0, totals.decoded - decodedLent - detectedHere),
    };
    return {
      id: this.id,
      index: this.index,
      url: this.#url,
      state,
      reason: state === 'live' ? null : reason,
      codec,
      decoder,
      width,
      height,
      lastFrameAgeMs: this.#lastFrameAtMs === null ? null : Math.max(0, Math.round(nowMs - this.#lastFrameAtMs)),
      transport: this.#transport,
      webrtcFault,
      epoch,
      calibrated: this.calibrated,
      detectedBy: this.detectedBy,
      tracks: { ...this.#tracks },
      counters,
      rates: {
        fps,
        decodedFps,
        // The two are counted at slightly different moments: a rate below zero is that, and nothing else.
        dropRate: offeredFps > 0 ? Math.min(1, Math.max(0, (offeredFps - fps) / offeredFps)) : 0,
        bitrateKbps: this.#bitRate.rate(nowMs) / 1000,
      },
    };
  }

  #totals(): IngestCounters {
    const sum = { ...this.#base };
    for (const key of Object.keys(sum) as (keyof IngestCounters)[]) sum[key] += this.#current[key];
    return sum;
  }
}
