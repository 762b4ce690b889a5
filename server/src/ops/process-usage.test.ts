import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { processUsage } from './process-usage.js';

it('counts what keeps the event loop busy, and follows buffers', async () => {
  const before = processUsage();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const buffer = new ArrayBuffer(32 << 20);
  const during = processUsage();
  expect((during.activeResources['TCPServerWrap'] ?? 0) - (before.activeResources['TCPServerWrap'] ?? 0)).toBe(1);
  expect(during.arrayBuffersBytes - before.arrayBuffersBytes).toBeGreaterThan(30 << 20);
  expect(during.externalBytes).toBeGreaterThanOrEqual(during.arrayBuffersBytes);
  expect(during.rssBytes).toBeGreaterThan(during.heapTotalBytes);
  expect(during.heapTotalBytes).toBeGreaterThanOrEqual(during.heapUsedBytes);
  await new Promise((resolve) => server.close(resolve));
  expect(buffer.byteLength).toBe(32 << 20);
});
