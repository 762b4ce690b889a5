import { isIP } from 'node:net';
import * as v from 'valibot';
import { DEFAULT_PICTURE_PIXELS, MAX_PICTURE_PIXELS } from '../core/picture-limits.js';
import { Calibration } from './calibration.js';
import { rtspUrlFault } from './rtsp-url.js';

/** The one description of the configuration: types, defaults and validation come from here. */

const positive = v.pipe(v.number(), v.gtValue(0));
const wholePositive = v.pipe(v.number(), v.integer(), v.minValue(1));
const udpPort = v.pipe(v.number(), v.integer(), v.minValue(1024), v.maxValue(65_535));
const unit = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

/** An id names a stream in URLs, file names and metrics. */
export const StreamId = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
    'must be 1-64 letters, digits, ".", "_" or "-", beginning with a letter or digit',
  ),
);

export const RtspUrl = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    const fault = dataset.typed ? rtspUrlFault(dataset.value) : null;
    if (fault !== null) addIssue({ message: `must be an RTSP address: ${fault}` });
  }),
);

const text = v.pipe(v.string(), v.minLength(1, 'must not be empty'));

/** A side of what the MJPEG output draws. */
const drawnSide = v.pipe(wholePositive, v.maxValue(4096), v.multipleOf(2, 'must be even'));

/** A name or an address as the Host header may carry it; an IPv6 address with or without brackets. */
const HostName = v.pipe(
  v.string(),
  v.check(
    (name) =>
      isIP(name.replace(/^\[(.*:.*)\]$/, '$1')) !== 0 || /^(?!.{254})[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/i.test(name),
    'must be the name or address of a host, without scheme, port or path, like cameras.example.org',
  ),
);

const ProxyAddress = v.pipe(
  v.string(),
  v.check((given) => {
    const [address = '', bits, ...rest] = given.split('/');
    const version = isIP(address);
    const isLength = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
    return version !== 0 && isLength && rest.length === 0;
  }, 'must be an IP address or a network like 10.0.0.0/8'),
);

export const StreamConfig = v.pipe(
  v.strictObject({
    id: StreamId,
    url: RtspUrl,
    /** RTSP lower transport. */
    transport: v.optional(v.picklist(['tcp', 'udp'])),
    /** Accept an rtsps camera whose certificate nobody vouches for: encrypted, but anyone could be the camera. */
    tlsAllowSelfSigned: v.optional(v.boolean()),
    /** Metres per source pixel: short for a `calibration` that is a scale. */
    scaleMPerPx: v.optional(positive),
    /** From pixels to metres on the road: a scale, or points whose place on the ground is known. */
    calibration: v.optional(Calibration),
  }),
  v.forward(
    v.partialCheck(
      [['scaleMPerPx'], ['calibration']],
      ({ scaleMPerPx, calibration }) => scaleMPerPx === undefined || calibration === undefined,
      'must not stand beside scaleMPerPx: both say how the stream is calibrated',
    ),
    ['calibration'],
  ),
);

export const ServerSection = v.strictObject({
  host: v.optional(text, '127.0.0.1'),
  port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)), 8080),
  /** Needed for any bind address but loopback. */
  token: v.optional(v.pipe(v.string(), v.minLength(16, 'must have at least 16 characters'))),
  /** Further names that the Host header may carry. */
  allowedHosts: v.optional(v.array(HostName), []),
  /** Addresses or networks (CIDR) of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. */
  trustedProxies: v.optional(v.array(ProxyAddress)),
  /** HTTPS instead of HTTP: PEM files. Renewed ones are taken into use without a restart. */
  tls: v.optional(v.strictObject({ certFile: text, keyFile: text })),
});

export const IngestSection = v.pipe(
  v.strictObject({
    transport: v.optional(v.picklist(['tcp', 'udp']), 'tcp'),
    /** No video frame for so long: the connection is torn down and made anew. */
    stallTimeoutMs: v.optional(v.pipe(v.number(), v.minValue(500)), 5000),
    connectTimeoutMs: v.optional(v.pipe(v.number(), v.minValue(100)), 5000),
    backoffMinMs: v.optional(v.pipe(v.number(), v.minValue(50)), 500),
    backoffMaxMs: v.optional(v.pipe(v.number(), v.minValue(100)), 30_000),
    /** Streams per ingest worker thread; absent: 8, and 1 to 4 with NVDEC, which a thread waits for. */
    streamsPerWorker: v.optional(wholePositive),
    /** `auto`: NVDEC where it works, else in software, and says so; `nvdec` insists on it at the start. */
    decode: v.optional(v.picklist(['auto', 'software', 'nvdec']), 'auto'),
    /** A camera that announces larger pictures is refused: what one picture may cost. */
    maxPicturePixels: v.optional(v.pipe(wholePositive, v.maxValue(MAX_PICTURE_PIXELS)), DEFAULT_PICTURE_PIXELS),
  }),
  v.forward(
    v.partialCheck(
      [['backoffMinMs'], ['backoffMaxMs']],
      ({ backoffMinMs, backoffMaxMs }) => backoffMinMs <= backoffMaxMs,
      'must not be above backoffMaxMs',
    ),
    ['backoffMinMs'],
  ),
);

export const DetectorSection = v.strictObject({
  /**
   * Where detection runs. `server`: here; `browser`: only in pages that lend their GPU; `auto`: here, but for streams that
   * such a page has taken; `none` switches it off.
   */
  mode: v.optional(v.picklist(['auto', 'server', 'browser', 'none']), 'auto'),
  /** A page whose detections come later than this after their frame detects no longer. */
  maxLentLatencyMs: v.optional(v.pipe(v.number(), v.minValue(50), v.maxValue(5000)), 500),
  /** A pipeline model or a stock YOLOv8/YOLO11 export (prepared at the first start); absent: the first that is found. */
  model: v.optional(text),
  executionProvider: v.optional(v.picklist(['auto', 'cpu', 'cuda']), 'auto'),
  precision: v.optional(v.picklist(['auto', 'fp32', 'fp16']), 'auto'),
  /** `restart`: the process ends when its GPU is lost, for a service manager to start it again with a new context. */
  onGpuLoss: v.optional(v.picklist(['cpu', 'restart']), 'cpu'),
  /** Model input in pixels, multiples of 32; used when a stock export is prepared. */
  width: v.optional(v.pipe(wholePositive, v.multipleOf(32, 'must be a multiple of 32')), 640),
  height: v.optional(v.pipe(wholePositive, v.multipleOf(32, 'must be a multiple of 32')), 384),
  /** Lower than the tracker's threshold: ByteTrack's second association lives from weak boxes. */
  scoreThreshold: v.optional(unit, 0.1),
  iouThreshold: v.optional(unit, 0.45),
  /** Absent: from the marginal cost measured at start. */
  maxBatch: v.optional(wholePositive),
  maxWaitMs: v.optional(v.pipe(v.number(), v.minValue(0)), 2),
  /** Threads of one inference; absent: all cores. */
  threads: v.optional(wholePositive),
});

export const TrackerSection = v.strictObject({
  /** Score from which a box may begin or carry a track; absent: what the model's makers say, else 0.3. */
  trackThreshold: v.optional(unit),
  matchThreshold: v.optional(unit, 0.8),
  /** In thirtieths of a second, as ByteTrack counts. */
  trackBuffer: v.optional(wholePositive, 30),
  fuseScore: v.optional(v.boolean(), true),
});

export const SpeedSection = v.strictObject({
  /** For streams that bring no calibration of their own. */
  scaleMPerPx: v.optional(positive, 0.05),
});

export const MjpegSection = v.strictObject({
  width: v.optional(drawnSide, 1280),
  height: v.optional(drawnSide, 720),
  maxFps: v.optional(v.pipe(positive, v.maxValue(60)), 12),
  /** 1 (small) to 100 (good). */
  quality: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(100)), 80),
});

export const WebRtcSection = v.strictObject({
  /** false: no live video, motion JPEG only. */
  enabled: v.optional(v.boolean(), true),
  /** The address that viewers are told instead of this machine's own: behind NAT, or in a container. */
  announcedAddress: v.optional(
    v.pipe(
      v.string(),
      v.check((name) => isIP(name) !== 0, 'must be an IP address'),
    ),
  ),
  /**
   * The address of this machine on which media is sent and received. Absent: the one at which a viewer's request came in,
   * which behind a reverse proxy on the same machine is 127.0.0.1.
   */
  bindAddress: v.optional(
    v.pipe(
      v.string(),
      v.check((name) => isIP(name) !== 0, 'must be an IP address'),
      v.check((name) => !/^(0\.0\.0\.0|::)$/.test(name), 'must be one address: viewers are told where to send'),
    ),
  ),
  /** UDP ports, first and last; one viewer takes one. Absent: any. */
  udpPorts: v.optional(
    v.pipe(
      v.strictTuple([udpPort, udpPort]),
      v.check(([first, last]) => first < last, 'must be the first and the last port, the first below the last'),
    ),
  ),
  /** Larger RTP payloads are taken apart: what fits every path with all its headers. */
  maxPayloadBytes: v.optional(v.pipe(wholePositive, v.minValue(500), v.maxValue(1400)), 1180),
  /** For tests: so many of a hundred video packets are lost on their way to viewers, always the same ones. */
  debugLossPercent: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(50)), 0),
  /** The longest that video waits for its detections. */
  maxHoldMs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(2000)), 400),
  maxViewers: v.optional(v.pipe(wholePositive, v.maxValue(1000)), 64),
  /** No further viewers while the media worker does not keep up with those it has. */
  refuseWhenBusy: v.optional(v.boolean(), true),
  /**
   * Streams that WebRTC cannot carry (H.265, B-frames, unusual profiles): `auto` encodes them anew while somebody watches
   * (720p at 25 frames a second: up to a fifth of a core), `never` shows them as motion JPEG.
   */
  transcode: v.optional(v.picklist(['auto', 'never']), 'auto'),
  /** So many streams at most, those named first. Absent: one for each two processors. */
  maxTranscodes: v.optional(v.pipe(wholePositive, v.maxValue(256))),
});

export const DebugSection = v.strictObject({
  /** Read the frame counter of demo and test clips in the decoded pictures, and say it in the track messages. */
  frameNumbers: v.optional(v.boolean(), false),
  /** For tests: detections come later, by a random time of up to so many milliseconds. */
  detectionDelayMs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(5000)), 0),
  /** For tests: `POST /api/debug/faults` makes threads die and the wall clock jump. On loopback only. */
  faults: v.optional(v.boolean(), false),
  /** For tests: where the time of streams begins; 2^33 ticks of 90 kHz are 95443717689. */
  startPtsUs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 50)), 0),
});

export const StateSection = v.strictObject({
  /**
   * Where the server keeps what it is told while it runs (calibrations). null or absent: nowhere; but the server's
   * command line fills in a directory of the user's.
   */
  directory: v.optional(v.nullable(text)),
});

export const LogSection = v.strictObject({
  level: v.optional(v.picklist(['trace', 'debug', 'info', 'warn', 'error', 'fatal']), 'info'),
});

const HttpAddress = v.pipe(
  v.string(),
  v.check(
    (given) => /^https?:$/.test(URL.canParse(given) ? new URL(given).protocol : ''),
    'must be an address like http://127.0.0.1:4318/v1/traces',
  ),
);

export const TelemetrySection = v.strictObject({
  /** Where traces go, by OTLP over HTTP. Absent: nowhere, unless OTEL_EXPORTER_OTLP_ENDPOINT says where. */
  traces: v.optional(v.strictObject({ endpoint: HttpAddress })),
  /** So many of all detected frames are traced. */
  sampleRatio: v.optional(unit, 0.01),
});

export const Config = v.strictObject({
  streams: v.pipe(
    v.array(StreamConfig),
    v.maxLength(256, 'must name at most 256 streams'),
    v.check((streams) => new Set(streams.map((s) => s.id)).size === streams.length, 'must not use one id twice'),
  ),
  server: v.optional(ServerSection, {}),
  ingest: v.optional(IngestSection, {}),
  detector: v.optional(DetectorSection, {}),
  tracker: v.optional(TrackerSection, {}),
  speed: v.optional(SpeedSection, {}),
  mjpeg: v.optional(MjpegSection, {}),
  webrtc: v.optional(WebRtcSection, {}),
  debug: v.optional(DebugSection, {}),
  state: v.optional(StateSection, {}),
  log: v.optional(LogSection, {}),
  telemetry: v.optional(TelemetrySection, {}),
});

export type Config = v.InferOutput<typeof Config>;
export type ConfigInput = v.InferInput<typeof Config>;
export type StreamConfig = v.InferOutput<typeof StreamConfig>;
