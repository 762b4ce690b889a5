import { Counter, Gauge, Registry } from 'prom-client';

import type { StreamCounters, StreamInfo } from '../core/types.js';
import type { MetricsSource, OutputStats } from '../outputs/output-stats.js';
import type { MediaCounters } from '../outputs/webrtc/messages.js';
import type { Pipeline, PipelineStats, StageSummary } from '../pipeline/api.js';
import { STAGES } from '../pipeline/api.js';

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
}

/**
 * The metrics of the server in Prometheus' text format, all named `lanecast_*`. Values are read when they are scraped;
 * nothing is counted here. The registry is its own, so that several servers can live in one process (tests do that).
 */
export function createMetrics(pipeline: Pipeline, outputs: () => OutputStats): MetricsSource {
  const registry = new Registry();
  const updates = [
    ...streamMetrics(registry),
    ...stageMetrics(registry),
    ...outputMetrics(registry),
    ...webrtcMetrics(registry),
    ...processMetrics(registry),
  ];
  return {
    contentType: registry.contentType,
    render() {
      const scrape = { streams: pipeline.streams(), stats: pipeline.stats(), outputs: outputs() };
      for (const update of updates) update(scrape);
      return registry.metrics();
    },
  };
}

type Update = (scrape: Scrape) => void;

function gauge<L extends string = never>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: L[] = [],
): Gauge<L> {
  return new Gauge({ name: `lanecast_${name}`, help, labelNames, registers: [registry] });
}

/** A counter that is kept elsewhere: `set` brings it to a total. */
function counter<L extends string = never>(registry: Registry, name: string, help: string, labelNames: L[] = []) {
  const metric = new Counter({ name: `lanecast_${name}`, help, labelNames, registers: [registry] });
  return {
    reset: () => metric.reset(),
    set: (labels: Partial<Record<L, string>>, total: number) => metric.inc(labels, total),
  };
}

function streamMetrics(registry: Registry): Update[] {
  const state = gauge(registry, 'stream_state', '1 for the state that the stream is in', ['stream', 'state']);
  const age = gauge(registry, 'stream_last_frame_age_seconds', 'Time since the last decoded frame', ['stream']);
  const fps = gauge(registry, 'stream_detected_fps', 'Frames detected per second', ['stream']);
  const decodedFps = gauge(registry, 'stream_decoded_fps', 'Frames decoded per second', ['stream']);
  const drop = gauge(registry, 'stream_drop_ratio', 'Share of decoded frames that were not detected, 0..1', ['stream']);
  const bitrate = gauge(registry, 'stream_bitrate_bits_per_second', 'Bit rate received', ['stream']);
  const counters = Object.entries(STREAM_COUNTERS).map(([key, [name, help]]) => ({
    key: key as keyof StreamCounters,
    metric: counter(registry, `stream_${name}`, help, ['stream']),
  }));
  return [
    ({ streams }) => {
      for (const metric of [state, age, fps, decodedFps, drop, bitrate]) metric.reset();
      for (const { metric } of counters) metric.reset();
      for (const info of streams) {
        const stream = info.id;
        for (const name of STATES) state.set({ stream, state: name }, info.state === name ? 1 : 0);
        if (info.lastFrameAgeMs !== null) age.set({ stream }, info.lastFrameAgeMs / 1000);
        fps.set({ stream }, info.rates.fps);
        decodedFps.set({ stream }, info.rates.decodedFps);
        drop.set({ stream }, info.rates.dropRate);
        bitrate.set({ stream }, info.rates.bitrateKbps * 1000);
        for (const { key, metric } of counters) metric.set({ stream }, info.counters[key]);
      }
    },
  ];
}

function stageMetrics(registry: Registry): Update[] {
  const latency = gauge(
    registry,
    'stage_latency_seconds',
    'Latency of a stage over the last minute or so; quantiles 0 and 1 are its minimum and maximum',
    ['stage', 'quantile'],
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
    ({ stats }) => {
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
