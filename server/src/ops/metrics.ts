import { Registry } from 'prom-client';

import { CARRIAGES } from '../core/signalling/messages.js';
import type { StreamCounters, StreamInfo } from '../core/types.js';
import type { MetricsSource, OutputStats } from '../outputs/output-stats.js';
import type { MediaCounters } from '../outputs/webrtc/messages.js';
import type { Pipeline, PipelineStats, StageSummary } from '../pipeline/api.js';
import { STAGES } from '../pipeline/api.js';
import { systemClock } from './clock.js';
import { GpuMemory } from './gpu-memory.js';
import { gpuMetrics, type HealthFigures, healthMetrics } from './health-metrics.js';
import { counter, gauge, histogram, quantiles } from './metric-makers.js';

const STATES: readonly StreamInfo['state'][] = ['connecting', 'live', 'stalled', 'backoff', 'failed'];

/** Name (after `lanecast_stream_`) and help of each counter of a stream. */
const STREAM_COUNTERS: Readonly<Record<keyof StreamCounters, readonly [string, string]>> = {
  connects: ['connects_total', 'Connections made to the camera'],
  packets: ['rtp_packets_total', 'RTP packets received'],
  packetsLost: ['rtp_packets_lost_total', 'RTP packets that never came, by sequence number'],
  bytes: ['received_bytes_total', 'Bytes of video received'],
  accessUnits: ['access_units_total', 'Access units assembled'],
  unitsDamaged: ['access_units_damaged_total', 'Access units with a missing part, not decoded'],
  decoded: ['frames_decoded_total', 'Frames decoded'],
  decodeErrors: ['decode_errors_total', 'Access units that the decoder refused'],
  decodedOnGpu: ['frames_decoded_gpu_total', "Of the frames decoded, those from the GPU's decoder"],
  detected: ['frames_detected_total', 'Frames on which vehicles were detected'],
  detectedLent: ['frames_detected_lent_total', "Of the frames detected, those by a viewer's browser"],
  framesReplaced: ['frames_replaced_total', 'Decoded frames that a newer one replaced before detection'],
};

const STAGE_QUANTILES: readonly (readonly [string, keyof StageSummary])[] = [
  ['0', 'minMs'],
  ['0.5', 'p50Ms'],
  ['0.95', 'p95Ms'],
  ['0.99', 'p99Ms'],
  ['1', 'maxMs'],
];

/** Everything `/metrics` reads, taken once per scrape. */
interface Scrape {
  streams: StreamInfo[];
  stats: PipelineStats;
  outputs: OutputStats;
  histograms: ReturnType<Pipeline['stageHistograms']>;
  health: HealthFigures | null;
}

/**
 * The metrics of the server in Prometheus' text format, all named `lanecast_*`. Values are read when they are scraped;
 * nothing is counted here. The registry is its own, so that several servers can live in one process (tests do that).
 */
export function createMetrics(
  pipeline: Pipeline,
  outputs: () => OutputStats,
  health: (() => HealthFigures) | null = null,
  gpu = new GpuMemory(systemClock),
): MetricsSource & { registry: Registry } {
  const registry = new Registry();
  const updates = [
    ...streamMetrics(registry),
    ...stageMetrics(registry),
    ...outputMetrics(registry),
    ...webrtcMetrics(registry),
    ...carriageMetrics(registry),
    ...lendingMetrics(registry),
    ...processMetrics(registry),
    ...healthMetrics(registry),
    ...gpuMetrics(registry, gpu),
  ];
  return {
    registry,
    contentType: registry.contentType,
    render() {
      const scrape = {
        streams: pipeline.streams(),
        stats: pipeline.stats(),
        outputs: outputs(),
        histograms: pipeline.stageHistograms(),
        health: health?.() ?? null,
      };
      for (const update of updates) update(scrape);
      return registry.metrics();
    },
  };
}

type Update = (scrape: Scrape) => void;

function streamMetrics(registry: Registry): Update[] {
  const state = gauge(registry, 'stream_state', '1 for the state that the stream is in', ['stream', 'state']);
  const age = gauge(registry, 'stream_last_frame_age_seconds', 'Time since the last decoded frame', ['stream']);
  const fps = gauge(registry, 'stream_detected_fps', 'Frames detected per second', ['stream']);
  const decodedFps = gauge(registry, 'stream_decoded_fps', 'Frames decoded per second', ['stream']);
  const drop = gauge(registry, 'stream_drop_ratio', 'Share of decoded frames that were not detected, 0..1', ['stream']);
  const tracks = gauge(registry, 'stream_tracks', 'Tracks on the last frame', ['stream']);
  const tracksBegun = counter(registry, 'stream_tracks_total', 'Tracks that began', ['stream']);
  const reconnects = counter(registry, 'stream_reconnects_total', 'Connections made again', ['stream']);
  const bitrate = gauge(registry, 'stream_bitrate_bits_per_second', 'Bit rate received', ['stream']);
  const counters = Object.entries(STREAM_COUNTERS).map(([key, [name, help]]) => ({
    key: key as keyof StreamCounters,
    metric: counter(registry, `stream_${name}`, help, ['stream']),
  }));
  return [
    ({ streams }) => {
      for (const metric of [state, age, fps, decodedFps, drop, bitrate, tracks, tracksBegun, reconnects])
        metric.reset();
      for (const { metric } of counters) metric.reset();
      for (const info of streams) {
        const stream = info.id;
        for (const name of STATES) state.set({ stream, state: name }, info.state === name ? 1 : 0);
        if (info.lastFrameAgeMs !== null) age.set({ stream }, info.lastFrameAgeMs / 1000);
        fps.set({ stream }, info.rates.fps);
        decodedFps.set({ stream }, info.rates.decodedFps);
        drop.set({ stream }, info.rates.dropRate);
        bitrate.set({ stream }, info.rates.bitrateKbps * 1000);
        tracks.set({ stream }, info.tracks?.current ?? 0);
        tracksBegun.set({ stream }, info.tracks?.total ?? 0);
        reconnects.set({ stream }, Math.max(0, info.counters.connects - 1));
        for (const { key, metric } of counters) metric.set({ stream }, info.counters[key]);
      }
    },
  ];
}

function stageMetrics(registry: Registry): Update[] {
  const latency = quantiles(
    registry,
    'stage_latency_seconds',
    'Latency of a stage over the last minute or so; quantiles 0 and 1 are its minimum and maximum',
    ['stage'],
  );
  const durations = histogram(
    registry,
    'stage_duration_seconds',
    'Latency of a stage since the start, as a histogram',
    'stage',
  );
  const mean = gauge(registry, 'stage_latency_mean_seconds', 'Mean latency of a stage over the same time', ['stage']);
  const samples = gauge(registry, 'stage_latency_samples', 'Frames or batches that the latencies are of', ['stage']);
  const fps = gauge(registry, 'detected_fps', 'Frames detected per second, all streams together');
  const batch = gauge(registry, 'detector_mean_batch', 'Mean number of frames in a batch');
  const detector = gauge(registry, 'detector_info', 'What detection runs on', [
    'model',
    'execution_provider',
    'precision',
    'nms_backend',
  ]);
  return [
    ({ stats, histograms }) => {
      for (const stage of STAGES) durations.set(stage, histograms[stage]);
      for (const metric of [latency, mean, samples, detector]) metric.reset();
      for (const stage of STAGES) {
        const summary = stats.stages[stage];
        samples.set({ stage }, summary.count);
        if (summary.count === 0) continue;
        mean.set({ stage }, summary.meanMs / 1000);
        for (const [quantile, key] of STAGE_QUANTILES) latency.set({ stage, quantile }, summary[key] / 1000);
      }
      fps.set(stats.consumerFps);
      batch.set(stats.meanBatch);
      if (stats.detector) {
        const { model, executionProvider, precision, nmsBackend } = stats.detector;
        detector.set({ model, execution_provider: executionProvider, precision, nms_backend: nmsBackend }, 1);
      }
    },
  ];
}

function outputMetrics(registry: Registry): Update[] {
  const viewers = gauge(registry, 'mjpeg_clients', 'Clients of MJPEG streams');
  const subscribers = gauge(registry, 'events_clients', 'Clients of server-sent events');
  const compose = gauge(registry, 'mjpeg_compose_seconds', 'Drawing and encoding of the last picture');
  const composed = counter(registry, 'mjpeg_pictures_composed_total', 'Pictures drawn and encoded');
  const sent = counter(registry, 'mjpeg_pictures_sent_total', 'Pictures sent, all clients together');
  const replaced = counter(
    registry,
    'mjpeg_pictures_replaced_total',
    'Pictures not sent, because the client was slow and a newer one came',
  );
  const restarts = counter(
    registry,
    'mjpeg_compositor_restarts_total',
    'Compositor threads that died and were replaced',
  );
  const eventsSent = counter(registry, 'events_sent_total', 'Track messages sent, all clients together');
  const eventsReplaced = counter(
    registry,
    'events_replaced_total',
    'Track messages not sent, because the client was slow and a newer one came',
  );
  return [
    ({ outputs: { mjpeg, events } }) => {
      viewers.set(mjpeg.clients);
      subscribers.set(events.clients);
      compose.set(mjpeg.lastComposeMs / 1000);
      for (const [metric, total] of [
        [composed, mjpeg.jpegsComposed],
        [sent, mjpeg.jpegsSent],
        [replaced, mjpeg.jpegsReplaced],
        [restarts, mjpeg.compositorRestarts],
        [eventsSent, events.sent],
        [eventsReplaced, events.replaced],
      ] as const) {
        metric.reset();
        metric.set({}, total);
      }
    },
  ];
}

/** Name (after `lanecast_webrtc_`) and help of each total of the media worker. */
const WEBRTC_COUNTERS: Readonly<Record<keyof Omit<MediaCounters, 'peers'>, readonly [string, string]>> = {
  packetsSent: ['packets_sent_total', 'RTP packets sent, all viewers together'],
  bytesSent: ['bytes_sent_total', 'Bytes of RTP payload sent, all viewers together'],
  unitsDropped: ['units_dropped_total', 'Access units not sent: the viewer was too slow, or waited for a keyframe'],
  unitsMissed: ['units_missed_total', 'Access units that the media worker itself did not keep up with'],
  tracksSent: ['tracks_sent_total', 'Track messages sent on data channels'],
  tracksDropped: ['tracks_dropped_total', 'Track messages not sent, because the viewer fell behind'],
  pictureLosses: ['picture_losses_total', 'Lost pictures that viewers reported, answered from the cached GOP'],
  unhandledRejections: ['unhandled_rejections_total', 'Promises that the WebRTC library left unhandled'],
};

function webrtcMetrics(registry: Registry): Update[] {
  const viewers = gauge(registry, 'webrtc_viewers', 'Connected viewers, by how they came', ['kind']);
  const sessions = gauge(registry, 'webrtc_sessions', 'Open sessions, connected or not, by how they came', ['kind']);
  const peers = gauge(registry, 'webrtc_peers', 'Peer connections that exist');
  const hold = gauge(registry, 'webrtc_hold_seconds', 'How long video waits for its detections', ['stream']);
  const counters = Object.entries(WEBRTC_COUNTERS).map(([key, [name, help]]) => ({
    key: key as keyof typeof WEBRTC_COUNTERS,
    metric: counter(registry, `webrtc_${name}`, help),
  }));
  return [
    ({ outputs: { webrtc } }) => {
      viewers.set({ kind: 'dashboard' }, webrtc.viewers);
      viewers.set({ kind: 'whep' }, webrtc.whepViewers);
      sessions.set({ kind: 'dashboard' }, webrtc.sessions);
      sessions.set({ kind: 'whep' }, webrtc.whepSessions);
      peers.set(webrtc.peers);
      hold.reset();
      for (const [stream, holdMs] of Object.entries(webrtc.holdMs)) hold.set({ stream }, holdMs / 1000);
      for (const { key, metric } of counters) {
        metric.reset();
        metric.set({}, webrtc[key]);
      }
    },
  ];
}

/** Name (after `lanecast_transcode_`) and help of each total of a stream's transcoder. */
const TRANSCODE_COUNTERS = {
  pictures: ['pictures_total', 'Pictures encoded anew, because WebRTC cannot carry the stream as it comes'],
  skipped: ['pictures_skipped_total', 'Pictures that a newer one replaced before the encoder took them'],
  keyframes: ['keyframes_total', 'Of the pictures encoded, keyframes'],
  bytes: ['bytes_total', 'Bytes of RTP payload encoded'],
} as const;

function carriageMetrics(registry: Registry): Update[] {
  const carriage = gauge(registry, 'stream_carriage', '1 for the way that the stream goes to browsers', [
    'stream',
    'carriage',
  ]);
  const running = gauge(registry, 'transcode_running', '1 while the stream is encoded anew', ['stream']);
  const seconds = counter(registry, 'transcode_seconds_total', 'Time that encoding took', ['stream']);
  const counters = Object.entries(TRANSCODE_COUNTERS).map(([key, [name, help]]) => ({
    key: key as keyof typeof TRANSCODE_COUNTERS,
    metric: counter(registry, `transcode_${name}`, help, ['stream']),
  }));
  return [
    ({ outputs: { webrtc } }) => {
      carriage.reset();
      for (const [stream, way] of Object.entries(webrtc.ways))
        for (const kind of CARRIAGES) carriage.set({ stream, carriage: kind }, way.carriage === kind ? 1 : 0);
      for (const metric of [running, seconds, ...counters.map(({ metric }) => metric)]) metric.reset();
      for (const [stream, transcode] of Object.entries(webrtc.transcodes)) {
        running.set({ stream }, transcode.running ? 1 : 0);
        seconds.set({ stream }, transcode.encodeMs / 1000);
        for (const { key, metric } of counters) metric.set({ stream }, transcode[key]);
      }
    },
  ];
}

function lendingMetrics(registry: Registry): Update[] {
  const lenders = gauge(registry, 'lending_lenders', 'Pages that lend their GPU');
  const leases = gauge(registry, 'lending_leases', 'Streams that are lent, or on trial', ['state']);
  const latency = quantiles(registry, 'lending_latency_seconds', 'From the arrival of a frame to its lent tracks');
  const detections = counter(
    registry,
    'lending_detections_total',
    'Messages of detections that pages sent, by what became of them: accepted, or the reason why not',
    ['result'],
  );
  const granted = counter(registry, 'lending_leases_granted_total', 'Leases that were given, on trial at first');
  const ended = counter(registry, 'lending_leases_ended_total', 'Leases that ended, by reason', ['reason']);
  return [
    ({ stats: { lending } }) => {
      for (const metric of [leases, latency, detections, granted, ended]) metric.reset();
      if (!lending) return;
      lenders.set(lending.lenders);
      for (const state of ['trial', 'held'])
        leases.set({ state }, lending.leases.filter((lease) => lease.state === state).length);
      for (const [quantile, key] of STAGE_QUANTILES)
        if (lending.latency.count > 0) latency.set({ quantile }, lending.latency[key] / 1000);
      detections.set({ result: 'accepted' }, lending.accepted);
      for (const [result, total] of Object.entries(lending.rejected)) detections.set({ result }, total);
      granted.set({}, lending.granted);
      for (const [reason, total] of Object.entries(lending.ended)) ended.set({ reason }, total);
    },
  ];
}

function processMetrics(registry: Registry): Update[] {
  const info = gauge(registry, 'build_info', 'Version of the server and of Node.js', ['version', 'node']);
  const uptime = gauge(registry, 'uptime_seconds', 'Time since the server was started');
  const rss = gauge(registry, 'process_resident_memory_bytes', 'Resident memory');
  const heap = gauge(registry, 'process_heap_used_bytes', 'JavaScript heap of the main thread in use');
  const external = gauge(registry, 'process_external_memory_bytes', 'Memory outside the heap that it holds');
  const heapTotal = gauge(registry, 'process_heap_total_bytes', 'JavaScript heap of the main thread, used or not');
  const buffers = gauge(registry, 'process_array_buffers_bytes', 'Of the external memory, buffers');
  const resources = gauge(registry, 'process_active_resources', "What keeps the main thread's event loop alive", [
    'kind',
  ]);
  const delay = gauge(registry, 'event_loop_delay_p99_seconds', '99th percentile of the event-loop delay');
  const cpu = counter(registry, 'process_cpu_seconds_total', 'CPU time of all threads', ['mode']);
  return [
    ({ stats }) => {
      info.set({ version: stats.version, node: process.version }, 1);
      uptime.set(stats.uptimeS);
      rss.set(stats.process.rssBytes);
      heap.set(stats.process.heapUsedBytes);
      external.set(stats.process.externalBytes);
      heapTotal.set(stats.process.heapTotalBytes);
      buffers.set(stats.process.arrayBuffersBytes);
      resources.reset();
      for (const [kind, count] of Object.entries(stats.process.activeResources)) resources.set({ kind }, count);
      delay.set(stats.process.eventLoopDelayP99Ms / 1000);
      const { user, system } = process.cpuUsage();
      cpu.reset();
      cpu.set({ mode: 'user' }, user / 1e6);
      cpu.set({ mode: 'system' }, system / 1e6);
    },
  ];
}
