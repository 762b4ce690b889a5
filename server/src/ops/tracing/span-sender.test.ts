import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { monotonicMs } from '../clock.js';
import { traceOf } from './frame-spans.js';
import { SpanSender } from './span-sender.js';

/** A span as OTLP/HTTP writes it in JSON; times are nanoseconds, as text. */
interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: Record<string, unknown> }[];
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A collector on loopback; `answers` false: it takes connections and never says anything. */
async function collect(answers = true): Promise<{ endpoint: string; spans: SentSpan[]; bodies: string[] }> {
  const spans: SentSpan[] = [];
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (!answers) return;
      bodies.push(body);
      const sent = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[] };
      for (const { scopeSpans } of sent.resourceSpans) spans.push(...scopeSpans.flatMap((scope) => scope.spans));
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, spans, bodies };
}

function frameAt(receivedAtMs: number, stream = 'gate') {
  return traceOf({
    stream,
    header: {
      ptsUs: 40_000,
      epoch: 1,
      receivedAtMs,
      decodedAtMs: receivedAtMs + 3,
      writtenAtMs: receivedAtMs + 4,
    },
    detection: { queueMs: 6, inferMs: 40, nmsMs: 1, batchSize: 4, doneAtMs: receivedAtMs + 53 },
    trackBeganMs: receivedAtMs + 55,
    trackedMs: receivedAtMs + 55.5,
    publishedMs: receivedAtMs + 56,
  });
}

const lastsMs = ({ startTimeUnixNano, endTimeUnixNano }: SentSpan): number =>
  Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e6;

it('sends a trace a frame: the stages are children of the frame, and add up', async () => {
  const collector = await collect();
  const failures: string[] = [];
  const sender = new SpanSender(collector.endpoint, (reason) => failures.push(reason));
  const receivedAtMs = monotonicMs() - 60;
  const receivedAtEpochMs = Date.now() - 60;
  sender.send(frameAt(receivedAtMs));
  sender.send(frameAt(receivedAtMs, 'yard'));
  await sender.close();
  expect(failures).toEqual([]);
  expect(collector.spans).toHaveLength(18);
  const frames = collector.spans.filter(({ name }) => name === 'frame');
  expect(new Set(frames.map(({ traceId }) => traceId)).size).toBe(2);
  for (const frame of frames) {
    expect(frame.parentSpanId ?? '').toBe('');
    const stages = collector.spans.filter(({ parentSpanId }) => parentSpanId === frame.spanId);
    expect(stages.map(({ name }) => name)).toEqual([
      'decode',
      'preprocess',
      'queue',
      'infer',
      'nms',
      'hand-over',
      'track',
      'publish',
    ]);
    expect(stages.every(({ traceId }) => traceId === frame.traceId)).toBe(true);
    expect(lastsMs(frame)).toBeCloseTo(56, 2);
    expect(stages.reduce((sum, stage) => sum + lastsMs(stage), 0)).toBeCloseTo(lastsMs(frame), 2);
    expect(lastsMs(stages[3]!)).toBeCloseTo(40, 2);
    expect(Math.abs(Number(frame.startTimeUnixNano) / 1e6 - receivedAtEpochMs)).toBeLessThan(1000);
  }
  expect(frames[1]!.attributes).toContainEqual({ key: 'lanecast.stream.id', value: { stringValue: 'yard' } });
  expect(frames[1]!.attributes).toContainEqual({ key: 'lanecast.batch.size', value: { intValue: 4 } });
  expect(collector.bodies[0]).toContain('"lanecast"');
});

it('keeps no more than its bound', async () => {
  const collector = await collect();
  const sender = new SpanSender(collector.endpoint, () => undefined);
  for (let i = 0; i < 1000; i++) sender.send(frameAt(monotonicMs()));
  await sender.close();
  expect(collector.spans.length).toBeGreaterThan(0);
  // Those that wait, and those that were on their way.
  expect(collector.spans.length).toBeLessThanOrEqual(2048 + 512);
});

it('ends although the collector never answers', async () => {
  const collector = await collect(false);
  const sender = new SpanSender(collector.endpoint, () => undefined);
  sender.send(frameAt(monotonicMs()));
  await sender.close();
  await sender.close();
});

it('tells that nobody listens', async () => {
  const { endpoint } = await collect();
  servers.splice(0).forEach((server) => server.close());
  const failed = new Promise<string>((resolve) => {
    const sender = new SpanSender(endpoint, resolve);
    sender.send(frameAt(monotonicMs()));
    void sender.close();
  });
  expect(await failed).toMatch(/ECONNREFUSED|refused|timed out|timeout/i);
}, 15_000);
