import type { OutgoingHttpHeaders } from 'node:http';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';

import type { Clock } from '../../core/clock.js';
import type { Liveness } from '../../ops/liveness/liveness.js';
import type { Pipeline } from '../../pipeline/api.js';
import type { ModelCatalogue } from '../../pipeline/browser-models.js';
import type { TrackEvents } from '../events/track-events.js';
import { EVENT_STREAM_HEADERS } from '../events/track-events.js';
import { MJPEG_HEADERS } from '../mjpeg/mjpeg-client.js';
import { framingFor } from '../mjpeg/multipart.js';
import type { MjpegService } from '../mjpeg/service.js';
import type { WebRtcService } from '../webrtc/webrtc-service.js';
import type { ListedStream, MetricsSource, OutputStats } from '../output-stats.js';
import { unknownStream } from '../unknown-stream.js';
import type { Gatekeeper } from './access/gatekeeper.js';
import { whenWithdrawn } from './access/grant.js';
import { registerSession } from './access/session-routes.js';
import { registerTokens } from './access/token-routes.js';
import type { TokenVault } from './access/token-vault.js';
import { registerCalibration } from './calibration-routes.js';
import { registerModels } from './model-routes.js';
import { registerProbe } from './probe-routes.js';
import { type ConfigControl, registerStreamEdits } from './stream-routes.js';
import { registerWhep } from './whep-routes.js';
import { HttpError } from './problems.js';
import type { Readiness } from './readiness.js';
import { redactConfig } from './redact-config.js';
import type { StaticFile } from './static-files.js';
import { registerFiles } from './static-routes.js';

export interface RouteDependencies {
  pipeline: Pipeline;
  /** Of a server whose configuration cannot change while it runs: what it is. */
  control: ConfigControl | { config: unknown };
  mjpeg: MjpegService;
  events: TrackEvents;
  webrtc: WebRtcService;
  metrics: MetricsSource;
  readiness: Readiness;
  models: ModelCatalogue;
  liveness: Liveness;
  files: readonly StaticFile[];
  /** Further names of this server. */
  allowedHosts: readonly string[];
  gate: Gatekeeper;
  vault: TokenVault;
  tokensPersist: boolean;
  clock: Clock;
}

const StreamParams = v.object({ id: v.string() });
const TracksQuery = v.strictObject({
  stream: v.optional(v.union([v.string(), v.array(v.string())])),
  token: v.optional(v.string()),
});

const PICTURE_HEADERS = { 'Cross-Origin-Resource-Policy': 'cross-origin', 'Cache-Control': 'no-store' };

/** All routes of the server. */
export function registerRoutes(app: FastifyInstance, dependencies: RouteDependencies): void {
  registerFiles(app, dependencies.files);
  registerProbes(app, dependencies);
  registerApi(app, dependencies);
  const streamOf = (request: FastifyRequest): string => {
    const id = streamId(request);
    requireStream(id, dependencies.pipeline.streams());
    return id;
  };
  const { pipeline, webrtc, allowedHosts, gate, vault, tokensPersist, control, clock } = dependencies;
  registerSession(app, { gate, allowedHosts });
  registerTokens(app, { vault, hasToken: gate.hasToken, persistent: tokensPersist });
  if ('edit' in control) {
    registerStreamEdits(app, { control, streams: () => pipeline.streams(), allowedHosts, streamOf });
    registerProbe(app, { control, allowedHosts, clock });
  }
  registerCalibration(app, { pipeline, allowedHosts, streamOf });
  registerWhep(app, { webrtc, streamOf });
  registerModels(app, dependencies.models);
  registerPictures(app, dependencies);
}

function registerProbes(app: FastifyInstance, { metrics, readiness, liveness }: RouteDependencies): void {
  app.get('/healthz', { config: { access: 'public' } }, (_request, reply) => {
    const reason = liveness.reasonNotAlive();
    if (reason !== null) throw new HttpError(503, 'not-alive', `Something hangs, and a restart mends it: ${reason}`);
    return noStore(reply).send({ status: 'alive' });
  });
  app.get('/readyz', { config: { access: 'public' } }, (_request, reply) => {
    const reason = readiness.reasonNotReady();
    if (reason !== null) throw new HttpError(503, 'not-ready', reason, { headers: { 'Retry-After': '2' } });
    return noStore(reply).send({ status: 'ready' });
  });
  app.get('/metrics', { config: { access: { need: 'metrics' } } }, async (_request, reply) =>
    noStore(reply)
      .type(metrics.contentType)
      .send(await metrics.render()),
  );
}

function registerApi(app: FastifyInstance, { pipeline, control, mjpeg, events, webrtc }: RouteDependencies): void {
  const listed = (): ListedStream[] => {
    const ways = webrtc.ways();
    return pipeline.streams().map((stream) => {
      const { carriage, reason } = ways.get(stream.id)!;
      return { ...stream, carriage, carriageReason: reason };
    });
  };
  app.get('/api/streams', (_request, reply) => noStore(reply).send(listed()));
  app.get('/api/streams/:id', (request, reply) => {
    const id = streamId(request);
    const streams = listed();
    requireStream(id, streams);
    return noStore(reply).send(streams.find((stream) => stream.id === id));
  });
  app.get('/api/stats', (_request, reply) => {
    const outputs: OutputStats = { mjpeg: mjpeg.stats(), events: events.stats(), webrtc: webrtc.stats() };
    const stats = pipeline.stats();
    const ofConfig = 'edit' in control ? control.notices : [];
    return noStore(reply).send({ ...stats, notices: [...ofConfig, ...stats.notices, ...webrtc.notices()], outputs });
  });
  app.get('/api/config', (_request, reply) => {
    const shown = redactConfig(control.config) as object;
    return noStore(reply).send('edit' in control ? { ...shown, source: control.status() } : shown);
  });
  app.get(
    '/api/tracks',
    { config: { access: { need: 'tracks', query: true, streams: streamsOfQuery } } },
    (request, reply) => {
      const { stream } = parse(TracksQuery, request.query, 'query-invalid');
      const ids = stream === undefined ? null : new Set([stream].flat());
      const streams = pipeline.streams();
      for (const id of ids ?? []) requireStream(id, streams);
      streamOut(request, reply, EVENT_STREAM_HEADERS, () => events.serve(ids, reply.raw, plainHeaders(reply)));
    },
  );
}

function registerPictures(app: FastifyInstance, { pipeline, mjpeg }: RouteDependencies): void {
  const access = (streams?: (request: FastifyRequest) => readonly string[]) => ({
    config: { access: { need: 'pictures', query: true, ...(streams && { streams }) } as const },
  });
  const one = access((request) => [streamId(request)]);
  app.get('/stream', access(), (request, reply) => {
    reply.headers(PICTURE_HEADERS);
    streamOut(request, reply, MJPEG_HEADERS, () =>
      mjpeg.serve(null, reply.raw, plainHeaders(reply), framingFor(request.headers.accept)),
    );
  });
  app.get('/stream/:id', one, (request, reply) => {
    const id = streamId(request);
    requireStream(id, pipeline.streams());
    reply.headers(PICTURE_HEADERS);
    streamOut(request, reply, MJPEG_HEADERS, () =>
      mjpeg.serve(id, reply.raw, plainHeaders(reply), framingFor(request.headers.accept)),
    );
  });
  app.get('/snapshot.jpg', access(), async (_request, reply) => {
    const jpeg = await mjpeg.gridSnapshot();
    return reply.headers(PICTURE_HEADERS).type('image/jpeg').send(jpeg);
  });
  app.get('/snapshot/:file', access(streamsOfFile), async (request, reply) => {
    const { file } = parse(v.object({ file: v.string() }), request.params, 'path-invalid');
    if (!file.endsWith('.jpg'))
      throw new HttpError(404, 'not-found', `Snapshots are JPEGs: ask for /snapshot/${file}.jpg`);
    const id = file.slice(0, -'.jpg'.length);
    requireStream(id, pipeline.streams());
    const jpeg = await mjpeg.streamSnapshot(id);
    return reply.headers(PICTURE_HEADERS).type('image/jpeg').send(jpeg);
  });
}

/** Hands the connection over to an output that writes as long as it likes; a HEAD request gets the head only. */
function streamOut(
  request: FastifyRequest,
  reply: FastifyReply,
  headers: OutgoingHttpHeaders,
  serve: () => void,
): void {
  if (request.method === 'HEAD') {
    void reply.headers(headers).send('');
    return;
  }
  serve();
  reply.hijack();
  const forget = whenWithdrawn(request.grant, () => reply.raw.destroy());
  reply.raw.once('close', forget);
}

/** Of `/api/tracks?stream=a&stream=b`; null: all. */
function streamsOfQuery({ query }: FastifyRequest): readonly string[] | null {
  const { stream } = query as { stream?: unknown };
  return stream === undefined ? null : [stream].flat().map(String);
}

/** Of `/snapshot/:id.jpg`. */
function streamsOfFile({ params }: FastifyRequest): readonly string[] {
  return [(params as { file: string }).file.replace(/\.jpg$/, '')];
}

function plainHeaders(reply: FastifyReply): Record<string, string | number | string[]> {
  return Object.fromEntries(
    Object.entries(reply.getHeaders()).filter(
      (entry): entry is [string, string | number | string[]] => entry[1] !== undefined,
    ),
  );
}

function streamId(request: FastifyRequest): string {
  return parse(StreamParams, request.params, 'path-invalid').id;
}

function requireStream(id: string, streams: readonly { id: string }[]): void {
  if (streams.some((stream) => stream.id === id)) return;
  const { code, message } = unknownStream(id, streams);
  throw new HttpError(404, code, message, { extensions: { streams: streams.map((stream) => stream.id) } });
}

function parse<S extends v.GenericSchema>(schema: S, value: unknown, code: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const faults = result.issues.map(describe);
  throw new HttpError(400, code, faults.join('; '));
}

function describe(issue: v.BaseIssue<unknown>): string {
  const name = v.getDotPath(issue) ?? 'query';
  if (issue.type === 'strict_object' && issue.expected === 'never') return `unknown query parameter ${name}`;
  return `${name}: ${issue.message}`;
}

function noStore(reply: FastifyReply): FastifyReply {
  return reply.header('Cache-Control', 'no-store');
}
