import { DetectNms, ROW_FIELDS } from '@lanecast/native';
import { decodeDetections, DETECTION_FIELDS, type WireDetections } from '../../core/protocol/detection-message.js';
import type { Detection } from '../../core/types.js';
import type { Lease } from './lease.js';
import type { ReceivedFrame, RecentFrames } from './recent-frames.js';

/** What no honest page sends. */
export const LIES = [
  'malformed',
  'too-many-rows',
  'out-of-range',
  'unknown-class',
  'wrong-lease',
  'wrong-stream',
  'unknown-frame',
  'wrong-size',
  'repeated',
  'flood',
] as const;
/** What happens to honest pages as well: the network and other threads take their time. */
export const MISHAPS = ['lease-over', 'stale', 'early', 'out-of-order'] as const;

export type Lie = (typeof LIES)[number];
export type Rejection = Lie | (typeof MISHAPS)[number];

export const isLie = (rejection: Rejection): rejection is Lie => (LIES as readonly string[]).includes(rejection);

export interface IntakeOptions {
  classCount: number;
  scoreThreshold: number;
  iouThreshold: number;
  /** More rows than a lease allows are a lie. */
  maxRows: number;
  maxDetections?: number;
}

/** What the intake must know of the lease that a message names. */
export interface IntakeLease {
  lease: Lease;
  streamIndex: number;
  frames: RecentFrames;
  /** Frames a second that the camera sends. */
  framesPerS: number;
  /** Of the frames that were tracked already, the last. */
  lastPtsUs: number;
}

export type LeaseLookup = (lease: number) => IntakeLease | 'over' | null;

export type IntakeResult =
  | { lease: Lease; frame: ReceivedFrame; message: WireDetections; detections: Detection[] }
  | { rejection: Rejection; detail: string };

/** Boxes of a real detector protrude, but not by more than this share of the picture. */
const MARGIN = 0.5;
/** The wire rounds. */
const SCORE_STEP = 1 / 32_768;
/** Messages at once, and a second in relation to the frames that came, beyond which it is a flood. */
const BURST = 40;
const RATE = 1.5;
const MIN_PER_S = 10;

interface Seen {
  timestamps: Set<number>;
  budget: number;
  atMs: number;
}

/**
 * Takes what lenders send: checks each message against the lease it names and the frames that really came, then
 * suppresses overlaps as the server's detector does. Nothing here trusts the sender.
 */
export class DetectionIntake {
  readonly #options: IntakeOptions;
  readonly #nms: DetectNms;
  readonly #candidates: Float32Array;
  readonly #rows: Float32Array;
  readonly #seen = new WeakMap<Lease, Seen>();

  constructor(options: IntakeOptions) {
    const { maxRows, maxDetections = 300, ...rest } = options;
    this.#options = options;
    this.#nms = new DetectNms({ ...rest, candidates: maxRows, maxDetections });
    this.#candidates = new Float32Array(DETECTION_FIELDS * maxRows);
    this.#rows = new Float32Array(ROW_FIELDS * maxDetections);
  }

  get nmsBackend(): DetectNms['backend'] {
    return this.#nms.backend;
  }

  /** @param lookup the lease of that number if it is this lender's; 'over' if it was, a moment ago */
  take(bytes: Uint8Array, lookup: LeaseLookup, nowMs: number): IntakeResult {
    let message: WireDetections;
    try {
      message = decodeDetections(bytes);
    } catch (error) {
      return refused('malformed', error instanceof Error ? error.message : String(error));
    }
    const found = lookup(message.lease);
    if (found === null) return refused('wrong-lease', `lease ${message.lease} is not this page's`);
    if (found === 'over') return refused('lease-over', 'the lease has ended');
    if (message.streamIndex !== found.streamIndex)
      return refused('wrong-stream', `stream ${message.streamIndex} is not the lease's`);
    const seen = this.#seenOf(found.lease, nowMs);
    if (!withinRate(seen, found.framesPerS, nowMs)) return refused('flood', 'far more messages than frames came');
    const fault = this.#faultOf(message);
    if (fault) return fault;
    const frame = found.frames.find(message.rtpTimestamp);
    if (frame === 'unknown') return refused('unknown-frame', `no frame has the timestamp ${message.rtpTimestamp}`);
    if (frame === 'early' || frame === 'stale') return refused(frame, 'its frame is not known (any more)');
    if (seen.timestamps.has(message.rtpTimestamp)) return refused('repeated', 'the frame was detected already');
    if (!sameShape(message, frame))
      return refused(
        'wrong-size',
        `${message.sourceWidth}x${message.sourceHeight}, the stream is ${frame.width}x${frame.height}`,
      );
    remember(seen, message.rtpTimestamp);
    if (frame.ptsUs <= found.lastPtsUs) return refused('out-of-order', 'a later frame was tracked already');
    return { lease: found.lease, frame, message, detections: this.#suppress(message, frame) };
  }

  #faultOf({ rows }: WireDetections): IntakeResult | null {
    const { maxRows, classCount, scoreThreshold } = this.#options;
    const count = rows.length / DETECTION_FIELDS;
    if (count > maxRows) return refused('too-many-rows', `${count} rows, where ${maxRows} are allowed`);
    for (let at = 0; at < rows.length; at += DETECTION_FIELDS) {
      const plausible =
        isWithin(rows[at]!, -MARGIN, 1 + MARGIN) &&
        isWithin(rows[at + 1]!, -MARGIN, 1 + MARGIN) &&
        isWithin(rows[at + 2]!, 0, 1 + MARGIN) &&
        isWithin(rows[at + 3]!, 0, 1 + MARGIN) &&
        isWithin(rows[at + 4]!, scoreThreshold - SCORE_STEP, 1);
      if (!plausible) return refused('out-of-range', `row ${at / DETECTION_FIELDS} is no box of the picture`);
      if (rows[at + 5]! >= classCount) return refused('unknown-class', `the model has no class ${rows[at + 5]}`);
    }
    return null;
  }

  #suppress({ rows }: WireDetections, { width, height }: ReceivedFrame): Detection[] {
    const { maxRows } = this.#options;
    const candidates = this.#candidates.fill(0);
    const scales = [width, height, width, height, 1, 1];
    for (let i = 0; i < rows.length / DETECTION_FIELDS; i++)
      for (let field = 0; field < DETECTION_FIELDS; field++)
        candidates[field * maxRows + i] = rows[i * DETECTION_FIELDS + field]! * scales[field]!;
    const count = this.#nms.run(candidates, 0, this.#rows);
    return Array.from({ length: count }, (_, k) => {
      const [x1, y1, x2, y2, score, classIndex] = this.#rows.subarray(k * ROW_FIELDS, (k + 1) * ROW_FIELDS);
      return { x1: x1!, y1: y1!, x2: x2!, y2: y2!, score: score!, classIndex: classIndex! };
    });
  }

  #seenOf(lease: Lease, nowMs: number): Seen {
    let seen = this.#seen.get(lease);
    if (!seen) this.#seen.set(lease, (seen = { timestamps: new Set(), budget: BURST, atMs: nowMs }));
    return seen;
  }
}

function withinRate(seen: Seen, framesPerS: number, nowMs: number): boolean {
  const perS = RATE * Math.max(MIN_PER_S, framesPerS);
  seen.budget = Math.min(BURST, seen.budget + ((nowMs - seen.atMs) / 1000) * perS) - 1;
  seen.atMs = nowMs;
  return seen.budget >= 0;
}

/** Enough for all frames that are not stale. */
const REMEMBERED = 300;

function remember({ timestamps }: Seen, rtpTimestamp: number): void {
  timestamps.add(rtpTimestamp);
  if (timestamps.size > REMEMBERED) timestamps.delete(timestamps.values().next().value!);
}

/** Rows are shares of the picture, so only its shape matters. */
function sameShape({ sourceWidth, sourceHeight }: WireDetections, { width, height }: ReceivedFrame): boolean {
  return sourceWidth > 0 && Math.abs(sourceWidth * height - sourceHeight * width) <= 0.02 * sourceWidth * height;
}

/** False for what is no number. */
function isWithin(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}

function refused(rejection: Rejection, detail: string): IntakeResult {
  return { rejection, detail };
}
