import type { ModelEntry } from '@lanecast/server/core/model-entry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BrowserDetections, BrowserDetectorInfo, BrowserDetectorOptions } from './browser-detector.js';
import { WorkerDetector } from './worker-detector.js';
import type { FromWorker, ToWorker } from './worker-messages.js';

/** A worker that says what the test tells it to. */
class FakeWorker {
  static made: FakeWorker[] = [];
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  onerror: ((event: { message: string }) => void) | null = null;
  readonly received: ToWorker[] = [];
  terminated = false;

  constructor() {
    FakeWorker.made.push(this);
  }

  postMessage(message: ToWorker): void {
    this.received.push(message);
  }

  terminate(): void {
    this.terminated = true;
  }

  say(message: FromWorker): void {
    this.onmessage?.({ data: message });
  }

  get frames(): string[] {
    return this.received.flatMap((message) =>
      message.type === 'detect' ? [`${message.stream}${message.rtpTimestamp}`] : [],
    );
  }
}

const model = { precision: 'fp32' } as ModelEntry;
const options: BrowserDetectorOptions = { model, backend: 'auto', scoreThreshold: 0.1, maxRows: 300, threads: 2 };
const info = (backend: 'webgpu' | 'wasm') => ({ backend, backendReason: null }) as BrowserDetectorInfo;
const started = (backend: 'webgpu' | 'wasm', parallel = 1): FromWorker => ({
  type: 'started',
  info: info(backend),
  parallel,
  warmUpMs: 100,
});
const detections = (stream: string): FromWorker => ({
  type: 'detections',
  detections: { stream, rows: new Float32Array() } as BrowserDetections,
});
const last = (): FakeWorker => FakeWorker.made.at(-1)!;
const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

let closedFrames: number;
const frame = (): VideoFrame => ({ close: () => closedFrames++ }) as unknown as VideoFrame;

function watch() {
  const events = {
    onDetections: vi.fn(),
    onProgress: vi.fn(),
    onMissed: vi.fn(),
    onFallback: vi.fn(),
    onFailure: vi.fn(),
  };
  return events;
}

async function start(backend: 'webgpu' | 'wasm', more: Partial<BrowserDetectorOptions> = {}, parallel = 1) {
  const events = watch();
  const signal = new AbortController();
  const starting = WorkerDetector.start({ ...options, ...more }, events, new ArrayBuffer(8), signal.signal);
  last().say(started(backend, parallel));
  return { detector: await starting, events, abort: () => signal.abort() };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('Worker', FakeWorker);
  FakeWorker.made = [];
  closedFrames = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('WorkerDetector', () => {
  it('sends one frame at a time, then the newest of each stream', async () => {
    const { detector, events } = await start('wasm');
    detector.submit('a', frame(), 1);
    detector.submit('a', frame(), 2);
    detector.submit('a', frame(), 3);
    detector.submit('b', frame(), 4);
    expect(last().frames).toEqual(['a1']);
    expect([closedFrames, detector.stats().replaced]).toEqual([1, 1]);
    last().say(detections('a'));
    last().say(detections('b'));
    expect(last().frames).toEqual(['a1', 'b4', 'a3']);
    expect(events.onDetections).toHaveBeenCalledTimes(2);
    expect(detector.stats().detected).toBe(2);
    detector.close();
  });

  it('keeps as many on the way as the engine takes', async () => {
    const { detector } = await start('webgpu', {}, 2);
    for (const [i, stream] of ['a', 'b', 'c'].entries()) detector.submit(stream, frame(), i);
    expect(last().frames).toEqual(['a0', 'b1']);
    detector.close();
    expect([closedFrames, last().terminated]).toEqual([1, true]);
    detector.submit('a', frame(), 9);
    expect(closedFrames).toBe(2);
    detector.close();
  });

  it('says why it starts without the GPU', async () => {
    const starting = WorkerDetector.start(options, watch(), new ArrayBuffer(8), new AbortController().signal);
    last().say({ type: 'failed', code: 'gpu-missing', message: 'this browser has no WebGPU' });
    await settled();
    expect(FakeWorker.made).toHaveLength(2);
    expect(FakeWorker.made[0]!.terminated).toBe(true);
    last().say(started('wasm'));
    expect((await starting).info).toMatchObject({ backend: 'wasm', backendReason: 'this browser has no WebGPU' });
  });

  it('goes on without a GPU that was lost, with the frames that waited', async () => {
    const { detector, events } = await start('webgpu');
    detector.submit('a', frame(), 1);
    last().say({ type: 'failed', code: 'gpu-lost', message: 'the GPU was lost: unplugged' });
    detector.submit('a', frame(), 2);
    last().say(started('wasm'));
    await settled();
    expect(detector.info).toMatchObject({ backend: 'wasm', backendReason: 'the GPU was lost: unplugged' });
    expect(events.onFallback).toHaveBeenCalledWith(detector.info);
    expect(events.onFailure).not.toHaveBeenCalled();
    expect(last().frames).toEqual(['a2']);
    detector.close();
  });

  it.each([
    ['WebGPU was asked for', { backend: 'webgpu' as const }],
    ['the model is fp16', { model: { precision: 'fp16' } as ModelEntry }],
  ])('does not fall back where %s', async (_, more) => {
    const { events } = await start('webgpu', more);
    last().say({ type: 'failed', code: 'gpu-lost', message: 'gone' });
    await settled();
    expect(FakeWorker.made).toHaveLength(1);
    expect(events.onFailure).toHaveBeenCalledWith({ code: 'gpu-lost', message: 'gone' });
  });

  it('notices a worker that hangs, and one that is merely idle', async () => {
    const { detector, events } = await start('wasm');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(events.onFailure).not.toHaveBeenCalled();
    detector.submit('a', frame(), 1);
    await vi.advanceTimersByTimeAsync(9000);
    expect(events.onFailure).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(4000);
    expect(events.onFailure).toHaveBeenCalledWith(expect.objectContaining({ code: 'detector-hung' }));
    expect(last().terminated).toBe(true);
  });

  it('a frame that gives nothing is told, and the next one comes', async () => {
    const { detector, events } = await start('wasm');
    detector.submit('a', frame(), 1);
    detector.submit('a', frame(), 2);
    last().say({ type: 'missed', stream: 'a', reason: 'the picture is gone' });
    expect(events.onMissed).toHaveBeenCalledWith('a', 'the picture is gone');
    expect(last().frames).toEqual(['a1', 'a2']);
    detector.close();
  });

  it('answers a benchmark, and does not leave one waiting when it is closed', async () => {
    const { detector } = await start('wasm');
    const first = detector.benchmark();
    last().say({ type: 'rate', perSecond: 42 });
    expect(await first).toBe(42);
    const second = detector.benchmark();
    detector.close();
    expect(await second).toBe(0);
    expect(await detector.benchmark()).toBe(0);
  });

  it('can be given up while it starts, not through the same signal afterwards', async () => {
    const signal = new AbortController();
    const starting = WorkerDetector.start(options, watch(), new ArrayBuffer(8), signal.signal);
    signal.abort();
    await expect(starting).rejects.toMatchObject({ code: 'detector-closed' });
    expect(last().terminated).toBe(true);
    const { abort } = await start('wasm');
    abort();
    expect(last().terminated).toBe(false);
  });

  it('does not wait for ever for a start', async () => {
    const starting = WorkerDetector.start(
      { ...options, backend: 'wasm' },
      watch(),
      new ArrayBuffer(8),
      new AbortController().signal,
    );
    const refused = expect(starting).rejects.toMatchObject({ code: 'detector-start' });
    await vi.advanceTimersByTimeAsync(61_000);
    await refused;
  });
});
