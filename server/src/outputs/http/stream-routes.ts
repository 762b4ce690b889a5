import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import type { ConfigStatus, EditResult } from '../../config/live-config.js';
import { faultsOf } from '../../config/load.js';
import { type Config, StreamConfig } from '../../config/schema.js';
import type { StreamEdit } from '../../config/stream-edit.js';
import type { StreamInfo } from '../../core/types.js';
import { requireOwnPage } from './own-page.js';
import { HttpError } from './problems.js';

/** Room for an address and the most calibration points, in any notation. */
const BODY_LIMIT_BYTES = 32 << 10;

/** What the routes need of the configuration of the running server. */
export interface ConfigControl {
  readonly config: Pick<Config, 'streams' | 'ingest'>;
  readonly notices: readonly string[];
  status(): ConfigStatus;
  edit(edit: StreamEdit): Promise<EditResult>;
}

export interface StreamRouteDependencies {
  control: ConfigControl;
  streams: () => readonly StreamInfo[];
  allowedHosts: readonly string[];
  /** The stream that a request names; throws the 404. */
  streamOf: (request: FastifyRequest) => string;
}

/**
 * `POST /api/streams`, `PUT` and `DELETE /api/streams/:id`: a camera comes, is another one, goes. The representation is
 * that of the configuration. Written down first, then in force; the others notice nothing.
 */
export function registerStreamEdits(app: FastifyInstance, dependencies: StreamRouteDependencies): void {
  const { control, streams, streamOf } = dependencies;
  const onRequest = requireOwnPage(dependencies.allowedHosts);
  const options = { onRequest, bodyLimit: BODY_LIMIT_BYTES };
  const done = (reply: FastifyReply, id: string, { changes, persisted }: EditResult): FastifyReply => {
    const stream = streams().find((info) => info.id === id) ?? null;
    const change = changes.added.some((added) => added.id === id)
      ? 'added'
      : changes.removed.includes(id)
        ? 'removed'
        : changes.reconnected.some((changed) => changed.id === id)
          ? 'reconnected'
          : changes.calibrated.includes(id)
            ? 'calibrated'
            : 'none';
    return reply.header('Cache-Control', 'no-store').send({ id, change, persisted, stream });
  };

  app.post('/api/streams', options, async (request, reply) => {
    const stream = parseStream(StreamConfig, request.body);
    const result = await control.edit({ kind: 'add', stream });
    void reply.code(201).header('Location', `/api/streams/${encodeURIComponent(stream.id)}`);
    return done(reply, stream.id, result);
  });
  app.put('/api/streams/:id', options, async (request, reply) => {
    const id = streamOf(request);
    const body = request.body;
    // The path names it already.
    const named = typeof body === 'object' && body !== null && !('id' in body) ? { id, ...body } : body;
    const stream = parseStream(StreamConfig, named);
    if (stream.id !== id)
      throw new HttpError(
        400,
        'stream-invalid',
        `The path names "${id}" and the body "${stream.id}": ids never change`,
      );
    return done(reply, id, await control.edit({ kind: 'replace', stream }));
  });
  app.delete('/api/streams/:id', { onRequest }, async (request, reply) => {
    const id = streamOf(request);
    return done(reply, id, await control.edit({ kind: 'remove', id }));
  });
}

/** Throws an HttpError 400 `stream-invalid` with each fault; it repeats no value that may be a secret. */
export function parseStream<S extends v.GenericSchema>(schema: S, body: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const faults = faultsOf(result.issues, 'the body');
  throw new HttpError(400, 'stream-invalid', faults.map(({ message }) => message).join('; '), {
    extensions: { faults: faults.map(({ path, message }) => ({ path: path.join('.'), message })) },
  });
}
