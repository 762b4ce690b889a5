import type { FastifyInstance } from 'fastify';

import type { ModelCatalogue } from '../../pipeline/browser-models.js';
import { HttpError } from './problems.js';

const FILE = /^([0-9a-f]{64})\.onnx$/;

/** `GET /api/models` and the models themselves, for browsers that detect. */
export function registerModels(app: FastifyInstance, catalogue: ModelCatalogue): void {
  app.get('/api/models', async (_request, reply) =>
    reply.header('Cache-Control', 'no-store').send(await catalogue.list()),
  );
  app.get<{ Params: { file: string } }>('/models/:file', async (request, reply) => {
    const sha256 = FILE.exec(request.params.file)?.[1];
    const opened = sha256 === undefined ? null : await catalogue.open(sha256);
    if (!opened)
      throw new HttpError(404, 'model-unknown', 'There is no such model; /api/models lists those that there are');
    const { file, entry } = opened;
    const etag = `"${entry.sha256}"`;
    reply.headers({
      // The address is the content's digest. Private: who has no token must not get it from a cache on the way.
      'Cache-Control': 'private, max-age=31536000, immutable',
      ETag: etag,
    });
    if (request.headers['if-none-match']?.split(/\s*,\s*/).includes(etag)) {
      await file.close();
      return reply.code(304).send();
    }
    reply.type('application/octet-stream').header('Content-Length', entry.bytes);
    if (request.method === 'HEAD') {
      await file.close();
      return reply.send('');
    }
    // Closes the file at its end, and when the client goes away.
    return reply.send(file.createReadStream());
  });
}
