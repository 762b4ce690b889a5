/** Everything that `/metrics` may show, for tests of it: each metric has at least one value. */
import { LatencyHistogram } from '../../core/latency-histogram.js';
import type { StreamInfo } from '../../core/types.js';
import type { OutputStats } from '../../outputs/output-stats.js';
import type { Pipeline, PipelineStats, StageSummary } from '../../pipeline/api.js';
import { STAGES } from '../../pipeline/api.js';
import { ManualClock } from '../../core/testing.js';
import { GpuMemory } from '../gpu-memory.js';
import { createMetrics } from '../metrics.js';

const SUMMARY: StageSummary = { count: 40, meanMs: 12, minMs: 8, p50Ms: 11, p95Ms: 19, p99Ms: 25, maxMs: 31 };
const IDLE: StageSummary = { count: 0, meanMs: 0, minMs: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0, maxMs: 0 };

export const stream = (id: string, decoded: number): StreamInfo => ({
  id,
  index: 0,
  url: 'rtsp://camera/1',
  state: 'live',
  reason: null,
  codec: 'h264',
  decoder: 'software',
  width: 1280,
  height: 720,
  webrtcFault: null,
  lastFrameAgeMs: 40,
  transport: 'tcp',
  epoch: 1,
  calibrated: 'scale',
  detectedBy: 'server',
  tracks: { current: 3, total: 70 },
  counters: {
    connects: 1,
    packets: 100,
    packetsLost: 2,
    bytes: 5000,
    accessUnits: 30,
    unitsDamaged: 1,
    decoded,
    decodeErrors: 0,
    decodedOnGpu: 0,
    detected: 20,
    detectedLent: 0,
    framesReplaced: 5,
  },
  rates: { fps: 20, decodedFps: 25, dropRate: 0.2, bitrateKbps: 2000 },
});

const STATS: PipelineStats = {
  version: '1.2.3',
  instance: 'fixture',
  uptimeS: 60,
  detector: null,
  decode: { backend: 'software' },
  lending: null,
  consumerFps: 40,
  meanBatch: 2,
  stages: { ...Object.fromEntries(STAGES.map((stage) => [stage, SUMMARY])), nms: IDLE } as PipelineStats['stages'],
  restarts: { ingest: 2, detector: 0 },
  detectorFaults: { framesLost: 24, gpuLosses: 1 },
  process: {
    rssBytes: 1,
    heapUsedBytes: 2,
    heapTotalBytes: 5,
    externalBytes: 3,
    arrayBuffersBytes: 6,
    activeResources: { TCPSocketWrap: 7 },
    eventLoopDelayP99Ms: 4,
  },
  notices: [],
};

const OUTPUTS: OutputStats = {
  mjpeg: {
    clients: 2,
    openViews: 1,
    jpegsComposed: 10,
    jpegsSent: 19,
    jpegsReplaced: 1,
    lastComposeMs: 8,
    compositorRestarts: 0,
  },
  events: { clients: 3, sent: 300, replaced: 4 },
  webrtc: {
    peers: 2,
    viewers: 1,
    sessions: 2,
    whepViewers: 4,
    whepSessions: 5,
    packetsSent: 900,
    bytesSent: 1_000_000,
    unitsDropped: 3,
    unitsMissed: 0,
    tracksSent: 250,
    tracksDropped: 2,
    pictureLosses: 1,
    unhandledRejections: 3,
    holdMs: { north: 60 },
    restarts: 1,
    load: { delayP99Ms: 12, utilization: 0.4, refused: 2 },
    ways: { north: { carriage: 'transcoded', reason: 'it is H.265' }, east: { carriage: 'webrtc', reason: null } },
    transcodes: { north: { pictures: 500, keyframes: 12, bytes: 90_000, encodeMs: 1500, skipped: 3, running: true } },
  },
};

const DETECTOR: PipelineStats['detector'] = {
  model: 'lanecast-s',
  executionProvider: 'cpu',
  executionProviderReason: null,
  precision: 'fp32',
  inputWidth: 576,
  inputHeight: 320,
  classes: ['car'],
  confidentScore: null,
  maxBatch: 8,
  maxWaitMs: 2,
  nmsBackend: 'cpu',
  nmsBackendReason: null,
};

/** `detects`: false, as with `--detector none`. */
export function metricsFixture(detects = false) {
  let streams = [stream('north', 25), stream('east', 26)];
  const histogram = new LatencyHistogram();
  for (const valueMs of [0.4, 3, 3, 6000]) histogram.record(valueMs);
  const pipeline = {
    streams: () => streams,
    stats: () => ({ ...STATS, detector: detects ? DETECTOR : null }),
    stageHistograms: () => Object.fromEntries(STAGES.map((stage) => [stage, histogram.counts()])),
  } as Partial<Pipeline> as Pipeline;
  const health = () => ({ alive: true, ready: false, stages: [{ name: 'detector', stalledMs: 1500, alive: true }] });
  const gpu = new GpuMemory(new ManualClock(), (done) => done('0, H100, 1024, 81920, 50\n', false));
  const metrics = createMetrics(pipeline, () => OUTPUTS, health, gpu);
  return { metrics, set: (next: StreamInfo[]) => (streams = next) };
}
