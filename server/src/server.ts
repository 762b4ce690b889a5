import { exitNow } from '@lanecast/native';
import { LiveConfig } from './config/live-config.js';
import type { Config } from './config/schema.js';
import type { ServerSetup } from './config/setup.js';
import { StateStreamBook } from './config/stream-book.js';
import type { LanecastError } from './core/errors.js';
import { monotonicMs, systemClock } from './ops/clock.js';
import { startTracing } from './ops/tracing/tracing.js';
import { enableDebugFaults } from './ops/debug-faults.js';
import { terminalIsGone } from './ops/terminal.js';
import { endWithoutUnwinding } from './ops/exit.js';
import { createLogger } from './ops/logger.js';
import { MemoryTrim } from './ops/memory-trim.js';
import { createMetrics } from './ops/metrics.js';
import { writePidFile } from './ops/pid-file.js';
import { createNotifier } from './ops/systemd/notifier.js';
import { ServiceManager } from './ops/systemd/service-manager.js';
import { serviceStatus } from './ops/systemd/service-status.js';
import { requireLoopbackForFaults } from './outputs/http/debug-routes.js';
import { createHttpServer } from './outputs/http/server.js';
import { BrowserModels } from './pipeline/browser-models.js';
import { LivePipeline } from './pipeline/live-pipeline.js';
import { browserModelsOf } from './pipeline/locate-model.js';

/** How long an orderly end may take before the process goes anyway. */
const CLOSE_TIMEOUT_MS = 4500;

/** A server that runs. */
export interface RunningServer {
  /** Where it listens. */
  url: string;
  pipeline: LivePipeline;
  /**
   * Settles when it was closed, by `close()` or by SIGINT or SIGTERM. Rejects, closed as well, with a LanecastError when
   * only another process can go on (`gpu-lost`).
   */
  finished: Promise<void>;
  close(): Promise<void>;
}

/** A configuration that is followed by nobody: what the API changes is forgotten at the end. */
export function fixedSetup(config: Config): ServerSetup {
  return { config, file: null, createBook: () => new StateStreamBook(null, config), notices: [] };
}

/**
 * The composition of the whole: detector and streams, outputs, signals. Rejects with a LanecastError that says what to
 * do: a port in use, a bind without a token, a missing model.
 */
export async function runServer(setup: Config | ServerSetup): Promise<RunningServer> {
  const { config, file, createBook, notices: odd } = 'createBook' in setup ? setup : fixedSetup(setup);
  if (config.debug.faults) {
    requireLoopbackForFaults(config.server.host);
    enableDebugFaults();
  }
  const log = createLogger(config.log.level);
  const notify = createNotifier(process.env, log);
  const manager = new ServiceManager(notify, process.env, process.pid, systemClock, log);
  // For the watchdog process, which may have to end this one: from the start on.
  const removePidFile = writePidFile(process.env, 'lanecast.pid');
  manager.starting('loading the detector');
  const pipeline = await LivePipeline.start(config, log);
  const control = new LiveConfig({
    config,
    file,
    createBook,
    notices: odd,
    log,
    apply: (next, changes) => {
      log.level = next.log.level;
      pipeline.follow(next, changes);
    },
  });
  const tracing = await startTracing(config.telemetry, process.env, log);
  if (tracing) pipeline.onFrameTimes = (times) => tracing.frame(times);
  let http: Awaited<ReturnType<typeof createHttpServer>>;
  try {
    const models = new BrowserModels(browserModelsOf(config.detector));
    http = await createHttpServer({ pipeline, config, control, logger: log, createMetrics, models });
  } catch (error) {
    await control.close();
    await pipeline.close();
    await tracing?.close();
    throw error;
  }

  let unfit: LanecastError | null = null;
  let finish: () => void;
  const finished = new Promise<void>((resolve, reject) => {
    finish = () => (unfit ? reject(unfit) : resolve());
  });
  // Not everybody waits for the end.
  finished.catch(() => undefined);
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      manager.stopping();
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
      process.off('SIGHUP', onHangUp);
      const timeout = setTimeout(() => {
        log.warn({}, 'not everything closed in time: the process ends as it stands');
        // A thread that hangs in native code would hold up the exit for ever: Node waits for each.
        endWithoutUnwinding(exitNow);
        removePidFile();
        finish();
      }, CLOSE_TIMEOUT_MS);
      await control.close();
      await http.close();
      await pipeline.close();
      await tracing?.close();
      clearTimeout(timeout);
      removePidFile();
      finish();
    })());
  const onSignal = (signal: NodeJS.Signals): void => {
    log.info({ signal }, `${signal}: closing`);
    void close();
  };
  /** As services have it: read the configuration again. But a terminal that closes ends what runs in it. */
  const onHangUp = (): void => {
    if (terminalIsGone()) onSignal('SIGHUP');
    else void manager.reload(() => control.reload('SIGHUP'));
  };
  pipeline.onUnfit = (error) => {
    unfit = error;
    void close();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  if (file) process.on('SIGHUP', onHangUp);

  const { detector, notices } = pipeline.stats();
  if (detector) {
    const { model, inputWidth, inputHeight, precision, executionProvider, maxBatch, nmsBackend } = detector;
    log.info(
      { model, executionProvider },
      `detecting with ${model} ${inputWidth}x${inputHeight} ${precision} on ${executionProvider}, batches up to ${maxBatch}, NMS ${nmsBackend}`,
    );
  }
  for (const notice of [...control.notices, ...notices]) log.warn({}, notice);
  log.info(
    { url: http.url },
    `${config.streams.length} streams; watch them at ${http.url}/ (grid: ${http.url}/stream)`,
  );
  const status = (): string =>
    serviceStatus(pipeline.streams(), pipeline.stats().consumerFps, http.viewers(), http.liveness.reasonNotAlive());
  const memory = new MemoryTrim();
  http.liveness.onLook((notAlive) => {
    memory.look(http.viewers(), monotonicMs());
    if (notAlive === null) manager.alive();
    if (notify) manager.status(status());
  });
  manager.ready(status());
  return { url: http.url, pipeline, finished, close };
}
