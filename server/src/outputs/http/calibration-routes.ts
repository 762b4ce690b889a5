import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import { Calibration, isDegenerate } from '../../config/calibration.js';
import type { Pipeline } from '../../pipeline/api.js';
import { requireOwnPage } from './own-page.js';
import { HttpError } from './problems.js';

/** Room for the most points, in any notation. */
const BODY_LIMIT_BYTES = 16 << 10;

export interface CalibrationRouteDependencies {
  pipeline: Pick<Pipeline, 'streams' | 'calibration' | 'setCalibration'>;
  /** Further names of this server, whose pages may change things. */
  allowedHosts: readonly string[];
  /** The stream that a request names; throws the 404. */
  streamOf: (request: FastifyRequest) => string;
}

/**
 * `GET`, `PUT` and `DELETE /api/streams/:id/calibration`. The representation is that of the configuration:
 * `{ scaleMPerPx }`, or `{ points: [{ image, ground }, ...], imageSize? }`. DELETE goes back to the configuration's.
 */
export function registerCalibration(app: FastifyInstance, dependencies: CalibrationRouteDependencies): void {
  const { pipeline, allowedHosts, streamOf } = dependencies;
  const path = '/api/streams/:id/calibration';
  const onRequest = requireOwnPage(allowedHosts);

  app.get(path, (request, reply) =>
    reply.header('Cache-Control', 'no-store').send(pipeline.calibration(streamOf(request))),
  );
  app.put(path, { onRequest, bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    const id = streamOf(request);
    const change = await pipeline.setCalibration(id, parseCalibration(request.body));
    return reply.header('Cache-Control', 'no-store').send({ stream: id, ...change });
  });
  app.delete(path, { onRequest }, async (request, reply) => {
    const id = streamOf(request);
    const change = await pipeline.setCalibration(id, null);
    return reply.header('Cache-Control', 'no-store').send({ stream: id, ...change });
  });
}

/** @throws HttpError 400 `calibration-invalid` (not of the right shape), 422 `calibration-degenerate`. */
export function parseCalibration(body: unknown): Calibration {
  const result = v.safeParse(Calibration, body);
  if (result.success) return result.output;
  const [issue] = result.issues;
  if (isDegenerate(issue)) throw new HttpError(422, 'calibration-degenerate', sentence(issue.message));
  const where = v.getDotPath(issue);
  throw new HttpError(
    400,
    'calibration-invalid',
    `${where ? `${where}: ` : ''}${issue.message}; send { "scaleMPerPx": metres } or ` +
      '{ "points": [{ "image": [x, y], "ground": [xM, yM] }, 4 or more], "imageSize": [width, height] (optional) }',
  );
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
