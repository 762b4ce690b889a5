import type { ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Worker } from 'node:worker_threads';

import type { FastifyInstance, FastifyReply } from 'fastify';
import { fastify } from 'fastify';
import type { Logger } from 'pino';
import * as v from 'valibot';

import { type Config, WebRtcSection } from '../../config/schema.js';
import type { Clock } from '../../core/clock.js';
import { LanecastError, messageOf } from '../../core/errors.js';
import { systemClock } from '../../ops/clock.js';
import type { Pipeline } from '../../pipeline/api.js';
import { TrackEvents } from '../events/track-events.js';
import type { CompositorOptions } from '../mjpeg/protocol.js';
import { MJPEG_DEFAULTS, MjpegService } from '../mjpeg/service.js';
import { WebRtcService } from '../webrtc/webrtc-service.js';
import type { MetricsSource, OutputStats } from '../output-stats.js';
import { bearerToken, HostCheck, requireTokenFor, TokenCheck } from './access.js';
import { registerDebugFaults } from './debug-routes.js';
import { guardMethods } from './method-guard.js';
import { HttpError, makeProblem, PROBLEM_CONTENT_TYPE, problemOf } from './problems.js';
import { Readiness } from './readiness.js';
import { registerRoutes } from './routes.js';
import { allowPlayers } from './whep-cors.js';
import { listenForUpgrades } from './upgrades.js';
import { SECURITY_HEADERS } from './security-headers.js';
import { readStaticFiles } from './static-files.js';

const BODY_LIMIT_BYTES = 64 << 10;
const MAX_HEADER_BYTES = 16 << 10;
const REQUEST_TIMEOUT_MS = 15_000;
const MAX_CONNECTIONS = 512;
const MAX_SUBSCRIBERS = 64;

export interface HttpServerOptions {
  pipeline: Pipeline;
  /** `server` and `mjpeg` say where to listen and what to draw; the whole is shown, without its secrets. */
  config: Pick<Config, 'server' | 'mjpeg'> & Partial<Pick<Config, 'webrtc' | 'debug'>>;
  logger: Logger;
  /** Makes what `/metrics` answers with. */
  createMetrics: (pipeline: Pipeline, outputs: () => OutputStats) => MetricsSource;
  clock?: Clock;
  /** Starts the compositor thread. */
  createWorker?: (options: CompositorOptions) => Worker;
}

export interface HttpServer {
  /** Where it listens; a wildcard address is shown as loopback. */
  readonly url: string;
  /** Ends every connection and stream; may be called twice. */
  close(): Promise<void>;
}

/**
 * Starts the HTTP server with all its outputs. Rejects with a LanecastError: `bind-needs-token` (an address that others
 * can reach, and no token), `port-in-use`, `port-forbidden`, `bind-failed`.
 */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { pipeline, config, logger } = options;
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
  });
  const readiness = new Readiness(pipeline, clock);
  const metrics = options.createMetrics(pipeline, () => ({
    mjpeg: mjpeg.stats(),
    events: events.stats(),
    webrtc: webrtc.stats(),
  }));
  const app = createApp(logger);
  const hostCheck = new HostCheck(host, config.server.allowedHosts);
  const tokenCheck = token ? new TokenCheck(token) : null;
  const { allowedHosts } = config.server;
  // Before the checks, so that a player on another site may read why it is refused.
  allowPlayers(app, tokenCheck !== null, allowedHosts);
  addChecks(app, hostCheck, tokenCheck);
  const refuseOtherMethods = guardMethods(app);
  registerRoutes(app, {
    pipeline,
    config,
    mjpeg,
    events,
    webrtc,
    metrics,
    readiness,
    files: readStaticFiles(),
    allowedHosts,
  });
  if (config.debug?.faults) registerDebugFaults(app, allowedHosts);
  refuseOtherMethods();
  listenForUpgrades(app.server, webrtc, hostCheck, tokenCheck, allowedHosts);

  let closing: Promise<void> | null = null;
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      readiness.close();
      events.close();
      await Promise.all([mjpeg.close(), webrtc.close(), app.close()]);
    })());
  try {
    await app.listen({ host: host.replace(/^\[(.*)\]$/, '$1'), port });
  } catch (error) {
    await close();
    throw listenError(error, host, port);
  }
  return { url: urlOf(app.server.address() as AddressInfo), close };
}

function createApp(logger: Logger): FastifyInstance {
  const app = fastify({
    logger: false,
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

function addChecks(app: FastifyInstance, hostCheck: HostCheck, tokenCheck: TokenCheck | null): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (!hostCheck.allows(request.headers.host))
      throw new HttpError(
        403,
        'host-not-allowed',
        'The Host header names another server; if this name is right, add it to server.allowedHosts in the configuration',
      );
    const access = request.routeOptions.config.access ?? 'bearer';
    if (tokenCheck && access !== 'public') {
      const candidates = [bearerToken(request.headers.authorization)];
      if (access === 'query-token' && ['GET', 'HEAD'].includes(request.method)) {
        const { token } = request.query as { token?: unknown };
        candidates.push(typeof token === 'string' ? token : null);
      }
      if (!candidates.some((candidate) => tokenCheck.matches(candidate)))
        throw new HttpError(
          401,
          'token-required',
          'Send the token of the configuration as "Authorization: Bearer ..."',
          {
            headers: { 'WWW-Authenticate': 'Bearer realm="lanecast"' },
          },
        );
    }
    done();
  });
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

function urlOf({ address, family, port }: AddressInfo): string {
  if (address === '0.0.0.0' || address === '::') return `http://127.0.0.1:${port}`;
  return family === 'IPv6' ? `http://[${address}]:${port}` : `http://${address}:${port}`;
}
