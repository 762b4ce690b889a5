import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { DripProxy } from './drip-proxy.js';

it('lets bytes through, lets them drip, and loses none', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('a'.repeat(1000));
    socket.on('data', () => socket.write('b'.repeat(1000)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy = await DripProxy.listen('127.0.0.1', (server.address() as AddressInfo).port);
  const client = connect(proxy.port, '127.0.0.1');
  let text = '';
  client.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  await expect.poll(() => text.length, { timeout: 3000 }).toBe(1000);
  proxy.drip(100);
  client.write('go');
  await wait(450);
  expect(text.length).toBeGreaterThan(1000);
  expect(text.length).toBeLessThan(1100);
  proxy.flow();
  await expect.poll(() => text, { timeout: 3000 }).toBe('a'.repeat(1000) + 'b'.repeat(1000));
  client.destroy();
  proxy.close();
  server.close();
});
