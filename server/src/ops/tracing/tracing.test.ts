import { afterEach, expect, it, vi } from 'vitest';
import type { FrameTrace } from './frame-spans.js';
import { FRAME_TIMES } from './testing/frame-times.js';
import { startTracing, traceEndpoint } from './tracing.js';

const seen = vi.hoisted(() => ({
  loads: 0,
  sent: [] as FrameTrace[],
  fail: undefined as ((reason: string) => void) | undefined,
}));
vi.mock('./span-sender.js', () => {
  seen.loads++;
  return {
    SpanSender: class {
      constructor(_endpoint: string, onFailure: (reason: string) => void) {
        seen.fail = onFailure;
      }
      send = (frame: FrameTrace): void => void seen.sent.push(frame);
      close = (): Promise<void> => Promise.resolve();
    },
  };
});

const lines: string[] = [];
const say = (_: object, message: string): void => void lines.push(message);
const log = { info: say, warn: say };
afterEach(() => {
  lines.length = 0;
  seen.sent.length = 0;
});

const traces = { endpoint: 'http://user:secret@127.0.0.1:4318/v1/traces' };

it('is off unless it is asked for, and then nothing of it is loaded', async () => {
  expect(await startTracing({ sampleRatio: 0.01 }, {}, log)).toBeNull();
  expect(await startTracing({ sampleRatio: 0, traces }, {}, log)).toBeNull();
  expect(await startTracing({ sampleRatio: 1 }, { OTEL_EXPORTER_OTLP_ENDPOINT: 'nonsense' }, log)).toBeNull();
  expect(lines).toEqual([expect.stringMatching(/no address/)]);
  expect(seen.loads).toBe(0);
});

it.each([
  [{}, null],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/' }, 'http://c:4318/v1/traces'],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_TRACES_EXPORTER: 'none' }, null],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'true' }, null],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c/own', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' }, 'http://c/own'],
])('takes the endpoint of the environment %j', (environment, endpoint) => {
  expect(traceEndpoint({ sampleRatio: 1 }, environment)).toBe(endpoint);
  expect(traceEndpoint({ sampleRatio: 1, traces }, environment)).toBe(traces.endpoint);
});

it('chooses its share of the frames, and is silent after its end', async () => {
  const draws = [0.5, 0.009, 0.011, 0.001];
  const tracing = await startTracing({ sampleRatio: 0.01, traces }, {}, log, () => draws.shift()!);
  for (let i = 0; i < 4; i++) tracing!.frame(FRAME_TIMES);
  expect(seen.sent).toHaveLength(2);
  await tracing!.close();
  tracing!.frame(FRAME_TIMES);
  expect(seen.sent).toHaveLength(2);
  await tracing!.close();
});

it('says once that the collector cannot be used, and never a password', async () => {
  const tracing = await startTracing({ sampleRatio: 1, traces }, {}, log);
  lines.length = 0;
  for (let i = 0; i < 3; i++) seen.fail?.('connect ECONNREFUSED');
  expect(lines).toEqual([expect.stringMatching(/127\.0\.0\.1:4318.*ECONNREFUSED.*dropped/)]);
  expect(lines.join()).not.toContain('secret');
  await tracing!.close();
});
