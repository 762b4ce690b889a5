/**
 * The JSON messages of `/ws`, for both sides. The browser speaks first (`hello`), the server answers `welcome`; the browser
 * offers, the server answers; candidates trickle both ways. Every offer after the first renegotiates. Pure.
 */
import * as v from 'valibot';

export const SIGNALLING_VERSION = 1;
/** A message longer than this is refused unread. */
export const MAX_MESSAGE_BYTES = 256 << 10;

const streamId = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
const mid = v.pipe(v.string(), v.maxLength(16));
const sdp = v.pipe(v.string(), v.minLength(1), v.maxLength(200_000));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const mode = v.picklist(['smooth', 'fastest']);

const Candidate = v.object({
  type: v.literal('candidate'),
  /** null: there are no more. */
  candidate: v.nullable(v.pipe(v.string(), v.maxLength(2000))),
  mid: v.nullable(mid),
});

const LendOffer = v.object({
  backend: v.picklist(['webgpu', 'wasm']),
  /** What it measured that it can do. */
  detectionsPerS: v.pipe(v.number(), v.finite(), v.minValue(0)),
  /** SHA-256 of the model, lower-case hex: one of `/api/models`. */
  model: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});
export type LendOffer = v.InferOutput<typeof LendOffer>;

const LeaseTerms = v.object({
  stream: streamId,
  /** Names the lease in binary messages of detections. */
  lease: v.pipe(count, v.maxValue(0xffff_ffff)),
  /** Rows with a lower score are not sent. */
  scoreThreshold: v.number(),
  /** More rows of one frame are not sent. */
  maxRows: count,
});
export type LeaseTerms = v.InferOutput<typeof LeaseTerms>;

export const ClientMessage = v.variant('type', [
  v.object({ type: v.literal('hello'), version: count, mode }),
  v.object({
    type: v.literal('offer'),
    sdp,
    /** Which stream each media line shall show; lines that are not named are to be inactive. */
    streams: v.pipe(v.array(v.object({ mid, stream: streamId })), v.maxLength(256)),
  }),
  Candidate,
  /** The streams whose tiles can be seen; the others are not sent until they are named again. */
  v.object({ type: v.literal('watch'), streams: v.pipe(v.array(streamId), v.maxLength(256)) }),
  v.object({ type: v.literal('mode'), mode }),
  /** This page lends its GPU, or lends it no longer (null). */
  v.object({ type: v.literal('lend'), offer: v.nullable(LendOffer) }),
  v.object({ type: v.literal('ping'), sentAtMs: v.number() }),
]);
export type ClientMessage = v.InferOutput<typeof ClientMessage>;

export const CARRIAGES = ['webrtc', 'transcoded', 'mjpeg'] as const;
/** How a stream goes to browsers: as the camera sends it, encoded anew for WebRTC, or as motion JPEG. */
export type Carriage = (typeof CARRIAGES)[number];

const StreamCarriage = v.object({
  id: v.string(),
  /** Of the binary track messages. */
  index: count,
  /** `reason` says why it is not `webrtc`. */
  carriage: v.picklist(CARRIAGES),
  reason: v.nullable(v.string()),
  /** How long video waits for its detections, for this viewer. */
  holdMs: v.number(),
});
export type StreamCarriage = v.InferOutput<typeof StreamCarriage>;

export const ServerMessage = v.variant('type', [
  v.object({
    type: v.literal('welcome'),
    version: count,
    classes: v.array(v.string()),
    streams: v.array(StreamCarriage),
  }),
  /** Sent when something in it changes: holds, carriages, cameras. */
  v.object({ type: v.literal('streams'), streams: v.array(StreamCarriage) }),
  v.object({ type: v.literal('answer'), sdp }),
  Candidate,
  /** All that this page is to detect on; `reason`: why not more, or what became of the last lease. */
  v.object({ type: v.literal('leases'), leases: v.array(LeaseTerms), reason: v.nullable(v.string()) }),
  v.object({ type: v.literal('pong'), sentAtMs: v.number(), serverEpochMs: v.number() }),
  /** The connection ends after it. */
  v.object({ type: v.literal('error'), code: v.string(), message: v.string() }),
]);
export type ServerMessage = v.InferOutput<typeof ServerMessage>;
