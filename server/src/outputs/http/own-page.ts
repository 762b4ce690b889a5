import type { onRequestHookHandler } from 'fastify';
import { isOwnOrigin } from './origin.js';
import { HttpError } from './problems.js';

/**
 * For routes that change something: refuses the pages of other sites, 403 `origin-not-allowed`. `allowedHosts` are
 * further names of this server.
 */
export function requireOwnPage(allowedHosts: readonly string[]): onRequestHookHandler {
  return (request, _reply, done) => {
    const { origin, host } = request.headers;
    if (!isOwnOrigin(origin, host, allowedHosts)) {
      throw new HttpError(
        403,
        'origin-not-allowed',
        'A page of another site asks for this; if it is one of this server under another name, add that name to server.allowedHosts in the configuration',
      );
    }
    done();
  };
}
