import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeRtspServer } from '../../ingest/rtsp/testing/fake-rtsp-server.js';
import { systemClock } from '../../ops/clock.js';
import { problemOf } from './problems.js';
import { registerProbe, type ProbeRouteDependencies } from './probe-routes.js';

let app: FastifyInstance;
let camera: FakeRtspServer;
/** Answers nothing, so that each try lasts as long as it may. */
const SILENT = { silent: true };

beforeEach(async () => {
  camera = await FakeRtspServer.open(() => SILENT);
  const saved = { id: 'yard', url: camera.url('/live', 'admin:hunter2') };
  const config = { streams: [saved], ingest: { transport: 'tcp', maxPicturePixels: 1e8 } };
  // As the server has it.
  app = Fastify({ forceCloseConnections: true });
  app.setErrorHandler((error, _, reply) => {
    const { problem } = problemOf(error);
    void reply.code(problem.status).send(problem);
  });
  const control = { config } as unknown as ProbeRouteDependencies['control'];
  registerProbe(app, { control, allowedHosts: [], clock: systemClock });
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  await app.close();
  await camera.close();
});

/** Status; `gone` if whoever asked did not wait for it. */
async function probe(signal?: AbortSignal): Promise<number | 'gone'> {
  const { port } = app.server.address() as AddressInfo;
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/probe`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ url: camera.url() }),
      ...(signal && { signal }),
    });
    return response.status;
  } catch {
    return 'gone';
  }
}

async function cameraWasAsked(times: number): Promise<void> {
  while (camera.requests.length < times) await sleep(5);
}

it('has two places, which are free again when whoever asked has gone', async () => {
  for (let round = 1; round <= 3; round++) {
    const leave = new AbortController();
    const both = [probe(leave.signal), probe(leave.signal)];
    await cameraWasAsked(2 * round);
    expect(await probe()).toBe(429);
    leave.abort();
    expect(await Promise.all(both)).toEqual(['gone', 'gone']);
    await sleep(100);
  }
});

it('does not hold up the end of the server', async () => {
  const asked = probe();
  await cameraWasAsked(1);
  const beganMs = performance.now();
  await app.close();
  expect(performance.now() - beganMs).toBeLessThan(1500);
  expect(await asked).toBe('gone');
});

it('asks no camera for a page of another site', async () => {
  const { port } = app.server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/api/probe`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: 'https://elsewhere.example' },
    body: JSON.stringify({ url: camera.url() }),
  });
  expect(response.status).toBe(403);
  expect(camera.requests).toEqual([]);
});
