import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify';

import type { WebRtcService } from '../webrtc/webrtc-service.js';
import type { WhepSession } from '../webrtc/whep-session.js';
import { whenWithdrawn } from './access/grant.js';
import { HttpError } from './problems.js';
import { PREFLIGHT_HEADERS } from './whep-cors.js';

const OFFER_TYPE = 'application/sdp';
const FRAGMENT_TYPE = 'application/trickle-ice-sdpfrag';

/** What the routes need. */
export interface WhepDependencies {
  webrtc: WebRtcService;
  /** The stream that a path names; throws a 404 otherwise. */
  streamOf: (request: FastifyRequest) => string;
}

/**
 * `POST /whep/:id` takes an offer and answers it; the session that `Location` names takes candidates (PATCH) and ends
 * (DELETE). After draft-ietf-wish-whep, without ICE restarts and without counter-offers.
 */
export function registerWhep(app: FastifyInstance, { webrtc, streamOf }: WhepDependencies): void {
  app.addContentTypeParser([OFFER_TYPE, FRAGMENT_TYPE], { parseAs: 'string' }, (request, body, done) => {
    // Elsewhere it is no more welcome than anything else.
    if (request.routeOptions.url?.startsWith('/whep/')) done(null, body);
    else done(new HttpError(415, 'media-type-unsupported', 'This path takes no SDP'));
  });

  const config = {
    access: { need: 'live', streams: (request: FastifyRequest) => [(request.params as { id: string }).id] },
  } as const;

  app.post('/whep/:id', { config, onRequest: only(OFFER_TYPE, 'Accept-Post') }, async (request, reply) => {
    const stream = streamOf(request);
    const { session, answer } = await webrtc.openWhep(request.raw, stream, bodyOf(request));
    session.onEnd(whenWithdrawn(request.grant, () => session.close('its token is no longer good')));
    return reply
      .code(201)
      .headers({
        Location: `/whep/${encodeURIComponent(stream)}/${session.id}`,
        ETag: session.etag,
        'Accept-Patch': FRAGMENT_TYPE,
        'Cache-Control': 'no-store',
      })
      .type(OFFER_TYPE)
      .send(answer);
  });

  app.patch('/whep/:id/:session', { config, onRequest: only(FRAGMENT_TYPE, 'Accept-Patch') }, (request, reply) => {
    const session = sessionOf(request, webrtc);
    const match = request.headers['if-match'];
    if (match !== undefined && match !== '*' && match !== session.etag)
      throw new HttpError(412, 'etag-mismatch', 'If-Match names another ICE session than that of this player');
    session.trickle(bodyOf(request));
    return reply.code(204).send();
  });

  app.delete('/whep/:id/:session', { config }, (request, reply) => {
    sessionOf(request, webrtc).close('it said goodbye');
    return reply.code(204).send();
  });

  for (const [path, accept] of [
    ['/whep/:id', { 'Accept-Post': OFFER_TYPE }],
    ['/whep/:id/:session', { 'Accept-Patch': FRAGMENT_TYPE }],
  ] as const)
    app.options(path, { config: { access: 'public' } }, (_request, reply) =>
      reply.code(204).headers(PREFLIGHT_HEADERS).headers(accept).send(),
    );
}

/** Refuses a body of another type before it is read (RFC 9110, 15.5.16). */
function only(type: string, header: string): onRequestHookHandler {
  return (request, _reply, done) => {
    const given = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
    if (given !== type)
      throw new HttpError(415, 'media-type-unsupported', `Send the body as ${type}`, { headers: { [header]: type } });
    done();
  };
}

function bodyOf({ body }: FastifyRequest): string {
  return typeof body === 'string' ? body : '';
}

function sessionOf(request: FastifyRequest, webrtc: WebRtcService): WhepSession {
  const { id, session } = request.params as { id: string; session: string };
  const found = webrtc.whepSession(session);
  if (found?.stream === id) return found;
  const reason = webrtc.dismissal(session);
  if (reason !== undefined) throw new HttpError(410, 'stream-removed', `The session ended: ${reason}`);
  throw new HttpError(404, 'session-unknown', 'There is no such session (any more); POST an offer for a new one');
}
