import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { refuseViewer } from './refuse-viewer.js';

let http: Server;
let url: string;
beforeEach(async () => {
  const server = new WebSocketServer({ noServer: true });
  http = createServer();
  http.on('upgrade', (request, socket, head) =>
    refuseViewer(server, request, socket, head, 'no place (webrtc.maxViewers)'),
  );
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => http.close(resolve)));

it('says to try again later, and why', async () => {
  const socket = new WebSocket(url.replace('http', 'ws'));
  const told = await new Promise((resolve) => {
    socket.on('close', (code, reason) => resolve([code, reason.toString()]));
  });
  expect(told).toEqual([1013, 'no place (webrtc.maxViewers)']);
});

it('cuts off whoever does not take the answer', async () => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  socket.resume();
  const beganMs = performance.now();
  await new Promise((resolve) => socket.on('close', resolve));
  expect(performance.now() - beganMs).toBeLessThan(6000);
}, 10_000);
