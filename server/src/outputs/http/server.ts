import type { ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Worker } from 'node:worker_threads';

import rateLimit, { type RateLimitPluginOptions } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { fastify } from 'fastify';
import type { Logger } from 'pino';
import * as v from 'valibot';

import { type Config, WebRtcSection } from '../../config/schema.js';
import type { Clock } from '../../core/clock.js';
import { LanecastError, messageOf } from '../../core/errors.js';
import { systemClock } from '../../ops/clock.js';
import type { HealthFigures } from '../../ops/health-metrics.js';
import { Liveness } from '../../ops/liveness/liveness.js';
import type { Pipeline } from '../../pipeline/api.js';
import { BrowserModels, type ModelCatalogue } from '../../pipeline/browser-models.js';
import { TrackEvents } from '../events/track-events.js';
import type { CompositorOptions } from '../mjpeg/protocol.js';
import { MJPEG_DEFAULTS, MjpegService } from '../mjpeg/service.js';
import { WebRtcService } from '../webrtc/webrtc-service.js';
import type { MetricsSource, OutputStats } from '../output-stats.js';
import { addChecks } from './access/checks.js';
import { Gatekeeper } from './access/gatekeeper.js';
import { HostCheck, isLoopback, requireTokenFor } from './access/hosts.js';
import { followTls, readTls } from './access/tls.js';
import { openTokenFile } from './access/token-file.js';
import { TokenVault } from './access/token-vault.js';
import { registerDebugFaults } from './debug-routes.js';
import { guardMethods } from './method-guard.js';
import { HttpError, makeProblem, PROBLEM_CONTENT_TYPE, problemOf } from './problems.js';
import { Readiness } from './readiness.js';
import { registerRoutes } from './routes.js';
import type { ConfigControl } from './stream-routes.js';
import { allowPlayers } from './whep-cors.js';
import { listenForUpgrades } from './upgrades.js';
import { SECURITY_HEADERS } from './security-headers.js';
import { readStaticFiles } from './static-files.js';

const BODY_LIMIT_BYTES = 64 << 10;
const MAX_HEADER_BYTES = 16 << 10;
const REQUEST_TIMEOUT_MS = 15_000;
const MAX_CONNECTIONS = 512;
const MAX_SUBSCRIBERS = 64;

/** Far above what a dashboard asks for. Programs on this machine are not limited. */
const REQUEST_LIMIT: RateLimitPluginOptions = {
  max: 600,
  timeWindow: 10_000,
  cache: 10_000,
  allowList: ({ ip }) => isLoopback(ip.replace(/^::ffff:/, '')),
  errorResponseBuilder: (_request, { after }) =>
    new HttpError(429, 'too-many-requests', `This address asks too often; wait ${after}`),
};

export interface HttpServerOptions {
  pipeline: Pipeline;
  /** `server` and `mjpeg` say where to listen and what to draw; the whole is shown, without its secrets. */
  config: Pick<Config, 'server' | 'mjpeg'> & Partial<Pick<Config, 'webrtc' | 'state' | 'debug'>>;
  /** The configuration as it changes; absent: it does not. */
  control?: ConfigControl;
  logger: Logger;
  /** Makes what `/metrics` answers with. */
  createMetrics: (pipeline: Pipeline, outputs: () => OutputStats, health: () => HealthFigures) => MetricsSource;
  /** What browsers may run; absent: nothing. */
  models?: ModelCatalogue;
  clock?: Clock;
  /** Starts the compositor thread. */
  createWorker?: (options: CompositorOptions) => Worker;
}

export interface HttpServer {
  /** Where it listens; a wildcard address is shown as loopback. */
  readonly url: string;
  /** Whether every stage that has input makes progress: what `/healthz` answers by. */
  readonly liveness: Liveness;
  /** Dashboards, players, MJPEG and event clients. */
  viewers(): number;
  /** Ends every connection and stream; may be called twice. */
  close(): Promise<void>;
}

/**
 * Starts the HTTP server with all its outputs. Rejects with a LanecastError: `bind-needs-token` (an address that others
 * can reach, and no token), `tls-unusable`, `port-in-use`, `port-forbidden`, `bind-failed`.
 */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { pipeline, config, logger, models } = options;
  const { host, port, token } = config.server;
  const clock = options.clock ?? systemClock;
  requireTokenFor(host, token);

  const mjpeg = new MjpegService(
    { pipeline, clock, logger, ...(options.createWorker && { createWorker: options.createWorker }) },
    { ...MJPEG_DEFAULTS, ...config.mjpeg },
  );
  const events = new TrackEvents(pipeline, clock, MAX_SUBSCRIBERS);
  const webrtc = new WebRtcService({
    pipeline,
    config: config.webrtc ?? v.parse(WebRtcSection, {}),
    clock,
    log: logger,
    ...(models && { acceptsModel: async (sha256) => (await models.list()).some((model) => model.sha256 === sha256) }),
  });
  const liveness = new Liveness(() => [...pipeline.signs(), ...mjpeg.signs(), ...webrtc.signs()], clock, logger);
  const readiness = new Readiness(pipeline, clock);
  const metrics = options.createMetrics(
    pipeline,
    () => ({ mjpeg: mjpeg.stats(), events: events.stats(), webrtc: webrtc.stats() }),
    () => ({
      alive: liveness.reasonNotAlive() === null,
      ready: readiness.reasonNotReady() === null,
      stages: liveness.stages(),
    }),
  );
  const { allowedHosts, trustedProxies = [], tls } = config.server;
  const app = createApp(logger, trustedProxies, tls);
  const hostCheck = new HostCheck(host, allowedHosts);
  const tokens = openTokenFile(config.state?.directory ?? null);
  if (tokens.notice !== null) logger.warn(tokens.notice);
  const vault = new TokenVault({ ...tokens, epochMs: Date.now });
  const gate = new Gatekeeper({ ownerToken: token, vault, clock, epochMs: Date.now });
  await app.register(rateLimit, REQUEST_LIMIT);
  // Before the checks, so that a player on another site may read why it is refused.
  allowPlayers(app, gate.hasToken, allowedHosts);
  addChecks(app, { hostCheck, gate, allowedHosts });
  const refuseOtherMethods = guardMethods(app);
  registerRoutes(app, {
    pipeline,
    control: options.control ?? { config },
    mjpeg,
    events,
    webrtc,
    metrics,
    readiness,
    models: options.models ?? new BrowserModels(null),
    liveness,
    files: readStaticFiles(),
    allowedHosts,
    gate,
    vault,
    tokensPersist: tokens.persistent,
    clock,
  });
  if (config.debug?.faults) registerDebugFaults(app, allowedHosts);
  refuseOtherMethods();
  listenForUpgrades(app.server, { webrtc, hostCheck, gate, allowedHosts, trustedProxies });
  const unfollowTls = tls ? followTls(tls, app.server as unknown as HttpsServer, logger) : () => undefined;

  let closing: Promise<void> | null = null;
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      readiness.close();
      liveness.close();
      vault.close();
      unfollowTls();
      events.close();
      await Promise.all([mjpeg.close(), webrtc.close(), app.close()]);
    })());
  try {
    await app.listen({ host: host.replace(/^\[(.*)\]$/, '$1'), port });
  } catch (error) {
    await close();
    throw listenError(error, host, port);
  }
  const viewers = (): number => {
    const { sessions, whepSessions } = webrtc.stats();
    return sessions + whepSessions + mjpeg.stats().clients + events.stats().clients;
  };
  return { url: urlOf(app.server.address() as AddressInfo, tls !== undefined), liveness, viewers, close };
}

function createApp(logger: Logger, trustedProxies: readonly string[], tls: Config['server']['tls']): FastifyInstance {
  const app = fastify({
    logger: false,
    // Else anybody could say from where they come.
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    ...(tls && { https: readTls(tls) }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 256 },
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    // Malformed URLs never reach the hooks: Fastify asks for the answer here.
    frameworkErrors: (error, _request, reply) => {
      void reply.headers(SECURITY_HEADERS);
      sendProblem(reply, error, logger);
    },
    clientErrorHandler: answerBrokenRequest,
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  // JSON is the only body that is read; anything else is answered 415.
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(SECURITY_HEADERS);
    done();
  });
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, error, logger));
  app.setNotFoundHandler((request) => {
    const path = request.url.split('?', 1)[0]!;
    throw new HttpError(404, 'not-found', `There is nothing at ${path}`);
  });
  return app;
}

function sendProblem(reply: FastifyReply, error: unknown, logger: Logger): void {
  const { problem, headers, unexpected } = problemOf(error);
  if (unexpected) logger.error({ err: error }, 'a request failed');
  void reply
    .code(problem.status)
    .headers({ 'Cache-Control': 'no-store', ...headers })
    .type(PROBLEM_CONTENT_TYPE)
    .send(JSON.stringify(problem));
}

/** What is no HTTP at all gets an answer of the same kind, and the connection ends. */
function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  // Node gives the response under way here, if there is one: nothing may be written into the middle of it.
  if ((socket as Socket & { _httpMessage?: ServerResponse })._httpMessage?.headersSent) {
    socket.destroy();
    return;
  }
  const [status, code] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'headers-too-large']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'request-timeout']
        : [400, 'request-malformed'];
  const problem = makeProblem(status, code, 'The request could not be read');
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${status} ${problem.title}\r\nConnection: close\r\nContent-Type: ${PROBLEM_CONTENT_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function listenError(error: unknown, host: string, port: number): LanecastError {
  const options = { cause: error };
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new LanecastError(
        'port-in-use',
        `Port ${port} on ${host} is in use by another program; stop that one, or choose another port with --port`,
        options,
      );
    case 'EACCES':
      return new LanecastError(
        'port-forbidden',
        `This user may not listen on port ${port}; choose one from 1024 upwards with --port`,
        options,
      );
    default:
      return new LanecastError('bind-failed', `Cannot listen on ${host}, port ${port}: ${messageOf(error)}`, options);
  }
}

function urlOf({ address, family, port }: AddressInfo, isTls: boolean): string {
  const scheme = isTls ? 'https' : 'http';
  if (address === '0.0.0.0' || address === '::') return `${scheme}://127.0.0.1:${port}`;
  return family === 'IPv6' ? `${scheme}://[${address}]:${port}` : `${scheme}://${address}:${port}`;
}
