import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocketServer } from 'ws';

/** "Try Again Later", of IANA's registry of WebSocket close codes. */
const TRY_AGAIN_LATER = 1013;
/** Whoever does not answer the close by then is cut off. */
const FAREWELL_MS = 2000;

/**
 * Takes over a request to upgrade, only to say why there is no place: of an upgrade that is refused by its status a page
 * learns nothing, and would tell its user to look for a proxy. `reason`: 123 bytes at most.
 */
export function refuseViewer(
  server: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  reason: string,
): void {
  server.handleUpgrade(request, socket, head, (webSocket) => {
    const timer = setTimeout(() => webSocket.terminate(), FAREWELL_MS);
    webSocket.on('close', () => clearTimeout(timer));
    // It ends by itself then.
    webSocket.on('error', () => undefined);
    webSocket.close(TRY_AGAIN_LATER, reason);
  });
}
