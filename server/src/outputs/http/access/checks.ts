import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpError } from '../problems.js';
import { requireOwnPage } from '../own-page.js';
import { type Gatekeeper, requirePermission } from './gatekeeper.js';
import { type Grant, type Need, OWNER } from './grant.js';
import type { HostCheck } from './hosts.js';

/** Who may ask for a route when a token is set. Unsaid: `view` to read, `owner` to change. */
export type Access =
  /** Anybody: the page without its data, and probes. */
  | 'public'
  | {
      need: Need;
      /** Also by `?token=`, since `<img>` and EventSource cannot send headers. */
      query?: boolean;
      /** The streams that a request is about; absent, or null: all. */
      streams?: (request: FastifyRequest) => readonly string[] | null;
    };

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** What who asks may do. */
    grant: Grant;
  }
}

export interface CheckDependencies {
  hostCheck: HostCheck;
  gate: Gatekeeper;
  /** Further names of this server. */
  allowedHosts: readonly string[];
}

const READING = ['GET', 'HEAD'];

/** Checks each request before anything else of it is looked at: where it is meant to go, who sends it, what for. */
export function addChecks(app: FastifyInstance, { hostCheck, gate, allowedHosts }: CheckDependencies): void {
  app.decorateRequest('grant', null as unknown as Grant);
  const checkOrigin = requireOwnPage(allowedHosts);
  app.addHook('onRequest', function (request, reply, done) {
    if (!hostCheck.allows(request.headers.host))
      throw new HttpError(
        403,
        'host-not-allowed',
        'The Host header names another server; if this name is right, add it to server.allowedHosts in the configuration',
      );
    request.grant = OWNER;
    const isReading = READING.includes(request.method);
    const access = request.routeOptions.config.access ?? { need: isReading ? 'view' : 'owner' };
    if (access === 'public') {
      done();
      return;
    }
    const { grant, byCookie } = gate.admit({
      address: request.ip,
      headers: request.headers,
      queryToken: access.query && isReading ? queryToken(request) : null,
    });
    requirePermission(grant, access.need, access.streams?.(request) ?? null);
    request.grant = grant;
    // A cookie comes along whoever's page asks (RFC 6265, 8.2); SameSite keeps it back, but not from other ports.
    if (byCookie && !isReading) checkOrigin.call(this, request, reply, done);
    else done();
  });
}

function queryToken({ query }: FastifyRequest): string | null {
  const { token } = query as { token?: unknown };
  return typeof token === 'string' ? token : null;
}
