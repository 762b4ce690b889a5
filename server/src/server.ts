import type { Config } from './config/schema.js';
import { enableDebugFaults } from './ops/debug-faults.js';
import { createLogger } from './ops/logger.js';
import { createMetrics } from './ops/metrics.js';
import { requireLoopbackForFaults } from './outputs/http/debug-routes.js';
import { createHttpServer } from './outputs/http/server.js';
import { LivePipeline } from './pipeline/live-pipeline.js';

/** How long an orderly end may take before the process goes anyway. */
const CLOSE_TIMEOUT_MS = 4500;

/** A server that runs. */
export interface RunningServer {
  /** Where it listens. */
  url: string;
  pipeline: LivePipeline;
  /** Settles when it was closed, by `close()` or by SIGINT or SIGTERM. */
  finished: Promise<void>;
  close(): Promise<void>;
}

/**
 * The composition of the whole: detector and streams, outputs, signals. Rejects with a LanecastError that says what to
 * do: a port in use, a bind without a token, a missing model.
 */
export async function runServer(config: Config): Promise<RunningServer> {
  if (config.debug.faults) {
    requireLoopbackForFaults(config.server.host);
    enableDebugFaults();
  }
  const log = createLogger(config.log.level);
  const pipeline = await LivePipeline.start(config, log);
  let http: Awaited<ReturnType<typeof createHttpServer>>;
  try {
    http = await createHttpServer({ pipeline, config, logger: log, createMetrics });
  } catch (error) {
    await pipeline.close();
    throw error;
  }

  let finish: () => void;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
      const timeout = setTimeout(() => finish(), CLOSE_TIMEOUT_MS);
      await http.close();
      await pipeline.close();
      clearTimeout(timeout);
      finish();
    })());
  const onSignal = (signal: NodeJS.Signals): void => {
    log.info({ signal }, `${signal}: closing`);
    void close();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);

  const { detector, notices } = pipeline.stats();
  if (detector) {
    const { model, inputWidth, inputHeight, precision, executionProvider, maxBatch, nmsBackend } = detector;
    log.info(
      { model, executionProvider },
      `detecting with ${model} ${inputWidth}x${inputHeight} ${precision} on ${executionProvider}, batches up to ${maxBatch}, NMS ${nmsBackend}`,
    );
  }
  for (const notice of notices) log.warn({}, notice);
  log.info(
    { url: http.url },
    `${config.streams.length} streams; watch them at ${http.url}/ (grid: ${http.url}/stream)`,
  );
  return { url: http.url, pipeline, finished, close };
}
