import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

import proxyAddress from '@fastify/proxy-addr';
import type { WebRtcService } from '../webrtc/webrtc-service.js';
import { type Gatekeeper, requirePermission } from './access/gatekeeper.js';
import { permits, whenWithdrawn } from './access/grant.js';
import type { HostCheck } from './access/hosts.js';
import { isOwnOrigin } from './origin.js';
import { HttpError, makeProblem, PROBLEM_CONTENT_TYPE } from './problems.js';

export interface UpgradeDependencies {
  webrtc: WebRtcService;
  hostCheck: HostCheck;
  gate: Gatekeeper;
  /** Further names of this server. */
  allowedHosts: readonly string[];
  trustedProxies: readonly string[];
}

/**
 * Answers requests to upgrade: `/ws` becomes the dashboard's WebSocket after the same checks that other requests pass
 * (host, token, and the page's origin, since a WebSocket is not bound by it: RFC 6455, 10.2); anything else is refused.
 */
export function listenForUpgrades(server: Server, dependencies: UpgradeDependencies): void {
  const { webrtc, hostCheck, gate, allowedHosts } = dependencies;
  const trust = proxyAddress.compile([...dependencies.trustedProxies]);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    try {
      const { host, origin } = request.headers;
      const url = urlOf(request);
      if (!hostCheck.allows(host)) throw new HttpError(403, 'host-not-allowed', 'The Host header names another server');
      if (url?.pathname !== '/ws') throw new HttpError(404, 'not-found', 'There is no WebSocket there: it is at /ws');
      if (!isOwnOrigin(origin, host, allowedHosts))
        throw new HttpError(403, 'origin-not-allowed', 'Only pages of this server may open its WebSocket');
      const { grant } = gate.admit({
        address: proxyAddress(request, trust),
        headers: request.headers,
        queryToken: url.searchParams.get('token'),
      });
      requirePermission(grant, 'view', null);
      const forget = whenWithdrawn(grant, () => socket.destroy());
      socket.once('close', forget);
      webrtc.upgrade(request, socket, head, { lend: permits(grant, 'lend', null) });
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      refuse(socket, error);
    }
  });
}

function urlOf({ url }: IncomingMessage): URL | null {
  const base = 'http://server';
  return URL.canParse(url ?? '/', base) ? new URL(url ?? '/', base) : null;
}

function refuse(socket: Duplex, { status, code, message, headers }: HttpError): void {
  const problem = makeProblem(status, code, message);
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${status} ${problem.title}\r\nConnection: close\r\nContent-Type: ${PROBLEM_CONTENT_TYPE}\r\n` +
      Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('') +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
