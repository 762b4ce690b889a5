import { ROOT_CONTEXT, trace, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  NodeTracerProvider,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import { monotonicMs } from '../clock.js';
import { VERSION } from '../version.js';
import type { FrameTrace } from './frame-spans.js';

/** Spans that wait, at most; more are dropped. */
const MAX_WAITING_SPANS = 2048;
const SPANS_A_LOT = MAX_WAITING_SPANS / 4;
/** Under way at most, whatever a collector does to hold them up: at the end all that waits is sent at once. */
const MAX_LOTS = 5;
const SEND_INTERVAL_MS = 2000;
const SEND_TIMEOUT_MS = 3000;
/** At the end the collector gets so long for what waits. */
const FAREWELL_MS = 1000;

/** Sends traces by OTLP over HTTP, in the background. The only file that loads OpenTelemetry. */
export class SpanSender {
  readonly #provider: NodeTracerProvider;
  readonly #tracer: Tracer;

  /** `onFailure` is told why a lot of spans was lost. */
  constructor(endpoint: string, onFailure: (reason: string) => void) {
    const exporter = new OTLPTraceExporter({
      url: endpoint,
      timeoutMillis: SEND_TIMEOUT_MS,
      concurrencyLimit: MAX_LOTS,
    });
    const processor = new BatchSpanProcessor(new ToldExporter(exporter, onFailure), {
      maxQueueSize: MAX_WAITING_SPANS,
      maxExportBatchSize: SPANS_A_LOT,
      scheduledDelayMillis: SEND_INTERVAL_MS,
      exportTimeoutMillis: SEND_TIMEOUT_MS,
    });
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
    const resource = defaultResource()
      .merge(resourceFromAttributes({ [ATTR_SERVICE_NAME]: 'lanecast', [ATTR_SERVICE_VERSION]: VERSION }))
      .merge(detectResources({ detectors: [envDetector] }));
    // Whether a frame is traced was decided before it came here.
    this.#provider = new NodeTracerProvider({ resource, sampler: new AlwaysOnSampler(), spanProcessors: [processor] });
    this.#tracer = this.#provider.getTracer('lanecast');
  }

  send({ whole, stages }: FrameTrace): void {
    // Anew each time: the wall clock may be set.
    const toEpochMs = Date.now() - monotonicMs();
    const { name, startMs, endMs, attributes } = whole;
    const parent = this.#tracer.startSpan(name, { startTime: startMs + toEpochMs, attributes, root: true });
    const context = trace.setSpan(ROOT_CONTEXT, parent);
    for (const stage of stages) {
      const span = this.#tracer.startSpan(
        stage.name,
        { startTime: stage.startMs + toEpochMs, ...(stage.attributes && { attributes: stage.attributes }) },
        context,
      );
      span.end(stage.endMs + toEpochMs);
    }
    parent.end(endMs + toEpochMs);
  }

  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, FAREWELL_MS)));
    await Promise.race([this.#provider.shutdown().catch(() => undefined), patience]);
    clearTimeout(timer);
  }
}

/** Tells what becomes of what is sent. */
class ToldExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #onFailure: (reason: string) => void;

  constructor(exporter: SpanExporter, onFailure: (reason: string) => void) {
    this.#exporter = exporter;
    this.#onFailure = onFailure;
  }

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    this.#exporter.export(spans, (result) => {
      if (result.error) this.#onFailure(result.error.message);
      done(result);
    });
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }
}
