import { describe, expect, it } from 'vitest';

import type { StreamInfo } from '../core/types.js';
import type { OutputStats } from '../outputs/output-stats.js';
import type { Pipeline, PipelineStats, StageSummary } from '../pipeline/api.js';
import { STAGES } from '../pipeline/api.js';
import { createMetrics } from './metrics.js';

const SUMMARY: StageSummary = { count: 40, meanMs: 12, minMs: 8, p50Ms: 11, p95Ms: 19, p99Ms: 25, maxMs: 31 };
const IDLE: StageSummary = { count: 0, meanMs: 0, minMs: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0, maxMs: 0 };

const stream = (id: string, decoded: number): StreamInfo => ({
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
    framesReplaced: 5,
  },
  rates: { fps: 20, decodedFps: 25, dropRate: 0.2, bitrateKbps: 2000 },
});

const STATS: PipelineStats = {
  version: '1.2.3',
  uptimeS: 60,
  detector: null,
  decode: { backend: 'software' },
  consumerFps: 40,
  meanBatch: 2,
  stages: { ...Object.fromEntries(STAGES.map((stage) => [stage, SUMMARY])), nms: IDLE } as PipelineStats['stages'],
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
    holdMs: { north: 60 },
  },
};

function setUp() {
  let streams = [stream('north', 25), stream('east', 26)];
  const pipeline = { streams: () => streams, stats: () => STATS } as Partial<Pipeline> as Pipeline;
  return { metrics: createMetrics(pipeline, () => OUTPUTS), set: (next: StreamInfo[]) => (streams = next) };
}

describe('createMetrics', () => {
  it('reads streams, stages, outputs and the process when it is scraped', async () => {
    const text = await setUp().metrics.render();
    for (const line of [
      'lanecast_stream_state{stream="north",state="live"} 1',
      'lanecast_stream_state{stream="north",state="failed"} 0',
      'lanecast_stream_frames_decoded_total{stream="east"} 26',
      'lanecast_stream_rtp_packets_lost_total{stream="east"} 2',
      'lanecast_stream_drop_ratio{stream="east"} 0.2',
      'lanecast_stream_bitrate_bits_per_second{stream="east"} 2000000',
      'lanecast_stage_latency_seconds{stage="infer",quantile="0.95"} 0.019',
      'lanecast_stage_latency_mean_seconds{stage="endToEnd"} 0.012',
      'lanecast_stage_latency_samples{stage="nms"} 0',
      'lanecast_mjpeg_pictures_sent_total 19',
      'lanecast_events_replaced_total 4',
      'lanecast_webrtc_viewers{kind="dashboard"} 1',
      'lanecast_webrtc_sessions{kind="whep"} 5',
      'lanecast_webrtc_peers 2',
      'lanecast_webrtc_bytes_sent_total 1000000',
      'lanecast_webrtc_tracks_dropped_total 2',
      'lanecast_webrtc_hold_seconds{stream="north"} 0.06',
      'lanecast_event_loop_delay_p99_seconds 0.004',
    ])
      expect(text).toContain(`${line}\n`);
    expect(text).not.toContain('lanecast_stage_latency_seconds{stage="nms"');
    expect(text).not.toContain('lanecast_detector_info{');
  });

  it('gives totals, not sums of scrapes, and forgets streams that are gone', async () => {
    const { metrics, set } = setUp();
    await metrics.render();
    set([stream('north', 40)]);
    const text = await metrics.render();
    expect(text).toContain('lanecast_stream_frames_decoded_total{stream="north"} 40\n');
    expect(text).not.toContain('stream="east"');
    expect(text).toContain('lanecast_mjpeg_pictures_sent_total 19\n');
  });

  it('names and explains every metric', async () => {
    const text = await setUp().metrics.render();
    const named = [...text.matchAll(/^([a-z0-9_]+)[ {]/gm)].map((match) => match[1]!);
    expect(named.length).toBeGreaterThan(60);
    for (const name of named) {
      expect(name).toMatch(/^lanecast_/);
      expect(text).toContain(`# HELP ${name} `);
    }
  });

  it('can be made twice in one process', async () => {
    await expect(Promise.all([setUp().metrics.render(), setUp().metrics.render()])).resolves.toHaveLength(2);
  });
});
