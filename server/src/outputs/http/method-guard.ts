import type { FastifyInstance, HTTPMethods } from 'fastify';

import { HttpError } from './problems.js';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * Answers known paths that are asked with a wrong method with 405 and `Allow` (RFC 9110, section 15.5.6), where Fastify
 * would say 404. Call it before the routes are registered, and what it returns afterwards.
 */
export function guardMethods(app: FastifyInstance): () => void {
  const allowed = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = allowed.get(url) ?? new Set<string>();
    for (const name of [method].flat()) methods.add(name);
    allowed.set(url, methods);
  });
  return () => {
    for (const [url, methods] of [...allowed]) {
      const allow = [...methods].join(', ');
      const others = METHODS.filter((method) => !methods.has(method));
      const refuse = (): never => {
        throw new HttpError(405, 'method-not-allowed', `This path answers ${allow} only`, {
          headers: { Allow: allow },
        });
      };
      // Before the body is read: whatever it is, it is not wanted.
      app.route({ method: others, url, exposeHeadRoute: false, onRequest: refuse, handler: refuse });
    }
  };
}
