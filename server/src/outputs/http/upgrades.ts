import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

import type { WebRtcService } from '../webrtc/webrtc-service.js';
import { bearerToken, type HostCheck, type TokenCheck } from './access.js';
import { isOwnOrigin } from './origin.js';
import { makeProblem, PROBLEM_CONTENT_TYPE } from './problems.js';

/**
 * Answers requests to upgrade: `/ws` becomes the dashboard's WebSocket after the same checks that other requests pass
 * (host, token, and the page's origin, since a WebSocket is not bound by it: RFC 6455, 10.2); anything else is refused.
 */
export function listenForUpgrades(
  server: Server,
  webrtc: WebRtcService,
  hostCheck: HostCheck,
  tokenCheck: TokenCheck | null,
  allowedHosts: readonly string[],
): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const url = new URL(request.url ?? '/', 'http://server');
    const { host, origin, authorization } = request.headers;
    if (!hostCheck.allows(host)) refuse(socket, 403, 'host-not-allowed', 'The Host header names another server');
    else if (url.pathname !== '/ws') refuse(socket, 404, 'not-found', 'There is no WebSocket there: it is at /ws');
    else if (!isOwnOrigin(origin, host, allowedHosts))
      refuse(socket, 403, 'origin-not-allowed', 'Only pages of this server may open its WebSocket');
    else if (
      tokenCheck &&
      ![bearerToken(authorization), url.searchParams.get('token')].some((t) => tokenCheck.matches(t))
    )
      refuse(socket, 401, 'token-required', 'Send the token of the configuration as "?token=..."');
    else webrtc.upgrade(request, socket, head);
  });
}

function refuse(socket: Duplex, status: number, code: string, detail: string): void {
  const problem = makeProblem(status, code, detail);
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${status} ${problem.title}\r\nConnection: close\r\nContent-Type: ${PROBLEM_CONTENT_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
