import type { Config } from '../../config/schema.js';
import type { Log } from '../../core/log.js';
import { redactUrl } from '../../core/redact.js';
import type { FrameTimes } from '../../pipeline/stage-timings.js';
import { traceOf } from './frame-spans.js';

/** Traces of some of the frames. Close it. */
export interface Tracing {
  /** Costs a random number where the frame is not chosen; never waits. */
  frame(times: FrameTimes): void;
  /** Sends what waits, for a bounded time; may be called twice. */
  close(): Promise<void>;
}

/** The path that OTLP/HTTP adds to a common endpoint (OpenTelemetry, Protocol Exporter). */
const TRACES_PATH = 'v1/traces';

/**
 * Where traces go: what the configuration says, else what OpenTelemetry's own variables do; null: nowhere. `OTEL_SDK_DISABLED`
 * and `OTEL_TRACES_EXPORTER=none` switch only the latter off.
 */
export function traceEndpoint({ traces }: Config['telemetry'], environment: NodeJS.ProcessEnv): string | null {
  if (traces) return traces.endpoint;
  if (environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return null;
  if (environment['OTEL_TRACES_EXPORTER'] === 'none') return null;
  const own = environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  if (own) return own;
  const common = environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  return common ? `${common.replace(/\/$/, '')}/${TRACES_PATH}` : null;
}

/**
 * Starts to trace frames, one of `1 / sampleRatio`, by OTLP over HTTP. null: it is off, and nothing of OpenTelemetry is
 * loaded. A collector that cannot be used is said once in the log, and hurts nothing.
 */
export async function startTracing(
  telemetry: Config['telemetry'],
  environment: NodeJS.ProcessEnv,
  log: Log,
  random: () => number = Math.random,
): Promise<Tracing | null> {
  const endpoint = traceEndpoint(telemetry, environment);
  const { sampleRatio } = telemetry;
  if (endpoint === null || sampleRatio === 0) return null;
  const shown = redactUrl(endpoint);
  if (!URL.canParse(endpoint)) {
    log.warn({}, `${shown} is no address that traces could be sent to; there are none`);
    return null;
  }
  const { SpanSender } = await import('./span-sender.js');
  let warned = false;
  const sender = new SpanSender(endpoint, (reason) => {
    if (warned) return;
    warned = true;
    log.warn({}, `traces cannot be sent to ${shown} (${reason}); they are dropped, and this is said once`);
  });
  log.info({}, `one of ${Math.round(1 / sampleRatio)} detected frames is traced, to ${shown}`);
  let closing: Promise<void> | null = null;
  return {
    frame: (times) => {
      if (closing === null && random() < sampleRatio) sender.send(traceOf(times));
    },
    close: () => (closing ??= sender.close()),
  };
}
