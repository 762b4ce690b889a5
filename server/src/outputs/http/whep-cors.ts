import type { FastifyInstance } from 'fastify';

import { isOwnOrigin } from './origin.js';
import { HttpError } from './problems.js';

const PREFIX = '/whep/';

/** What a preflight is told (Fetch Standard, 3.2.2), beside the origin. */
export const PREFLIGHT_HEADERS: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Methods': 'POST, PATCH, DELETE, OPTIONS',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, If-Match',
  'Access-Control-Max-Age': '600',
};

/**
 * Lets pages of other sites play by WHEP where a token is set: they send it themselves, so that nothing is done in a
 * visitor's name. Without a token any page that somebody on this machine opens could watch the cameras: then only the
 * server's own pages may, and programs, which name no origin.
 */
export function allowPlayers(app: FastifyInstance, hasToken: boolean, allowedHosts: readonly string[]): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { origin, host } = request.headers;
    if (!request.url.startsWith(PREFIX) || origin === undefined) {
      done();
      return;
    }
    if (!hasToken && !isOwnOrigin(origin, host, allowedHosts))
      throw new HttpError(
        403,
        'origin-not-allowed',
        'Without a token only pages of this server may play its streams; set one (server.token), or name this site in server.allowedHosts',
      );
    void reply.headers({
      'Access-Control-Allow-Origin': hasToken ? '*' : origin,
      'Access-Control-Expose-Headers': 'Location, ETag, Accept-Patch, Retry-After',
      Vary: 'Origin',
    });
    done();
  });
}
