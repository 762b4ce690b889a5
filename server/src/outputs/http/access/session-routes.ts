import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import { requireOwnPage } from '../own-page.js';
import { HttpError } from '../problems.js';
import type { Gatekeeper } from './gatekeeper.js';
import { permits } from './grant.js';
import { endedCookie } from './session-cookie.js';

const BODY_LIMIT_BYTES = 2 << 10;

const Login = v.strictObject({ token: v.pipe(v.string(), v.maxLength(1024)) });

export interface SessionRouteDependencies {
  gate: Gatekeeper;
  allowedHosts: readonly string[];
}

/**
 * `POST /api/session {token}` logs a browser in (a cookie that scripts cannot read), `DELETE` logs it out, `GET` tells what
 * it may do and prolongs its session when that is a day old. A token that was made for the dashboard (`view`) will do.
 */
export function registerSession(app: FastifyInstance, { gate, allowedHosts }: SessionRouteDependencies): void {
  const config = { access: 'public' } as const;
  // Else another site could log its visitors in, or out.
  const onRequest = requireOwnPage(allowedHosts);

  app.post('/api/session', { config, onRequest, bodyLimit: BODY_LIMIT_BYTES }, (request, reply) => {
    if (!gate.cookies) return reply.code(204).send();
    const body = v.safeParse(Login, request.body);
    if (!body.success) throw new HttpError(400, 'login-invalid', 'Send { "token": "..." }');
    const grant = gate.logIn(request.ip, body.output.token);
    if (!permits(grant, 'view', null))
      throw new HttpError(403, 'not-granted', 'This token is for embedding, not for the dashboard: it lacks "view"');
    return reply
      .code(204)
      .headers({ 'Cache-Control': 'no-store', 'Set-Cookie': gate.cookies.issue(grant.id, isSecure(request)) })
      .send();
  });
  app.get('/api/session', { config }, (request, reply) => {
    const { headers, ip: address } = request;
    const grant = gate.recognise({ address, headers, queryToken: null });
    const shown = grant && { id: grant.id, scopes: grant.scopes === null ? 'all' : [...grant.scopes] };
    const renewed = grant && gate.cookies?.renew(headers.cookie, grant.id, isSecure(request));
    if (renewed) void reply.header('Set-Cookie', renewed);
    return reply.header('Cache-Control', 'no-store').send({ tokenNeeded: gate.hasToken, grant: shown });
  });
  app.delete('/api/session', { config, onRequest }, (request, reply) =>
    reply
      .code(204)
      .headers({ 'Cache-Control': 'no-store', 'Set-Cookie': endedCookie(isSecure(request)) })
      .send(),
  );
}

/** By TLS, here or at a trusted proxy. */
function isSecure({ protocol }: FastifyRequest): boolean {
  return protocol === 'https';
}
