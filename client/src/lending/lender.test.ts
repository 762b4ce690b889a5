import type { ModelEntry } from '@lanecast/server/core/model-entry';
import type { LendOffer } from '@lanecast/server/core/signalling/messages';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  BrowserDetections,
  BrowserDetector,
  BrowserDetectorEvents,
  BrowserDetectorOptions,
} from '../detector/browser-detector.js';
import type { FrameListener } from '../overlay/frame-probe.js';
import { Lender, type LendingLink } from './lender.svelte.js';

const MODEL: ModelEntry = {
  name: 'lanecast-s',
  url: '/models/a.onnx',
  sha256: 'ab'.repeat(32),
  bytes: 100,
  width: 576,
  height: 320,
  precision: 'fp32',
  head: 'rgb',
  classes: ['car'],
  confidentScore: null,
  isDefault: true,
};
const LEASE = { stream: 'north', lease: 7, scoreThreshold: 0.2, maxRows: 2 };

/** A frame as the browser gives it, with a timestamp of its own where it tells that. */
class FakeFrame {
  closed = false;
  constructor(readonly rtpTimestamp: number | undefined) {}
  metadata(): { rtpTimestamp?: number } {
    return this.rtpTimestamp === undefined ? {} : { rtpTimestamp: this.rtpTimestamp };
  }
  close(): void {
    this.closed = true;
  }
}

function rig(capacityPerS = 100, models = [MODEL], hasHalf = false) {
  const offers: (LendOffer | null)[] = [];
  const sent: { detections: BrowserDetections; lease: number }[] = [];
  const started: BrowserDetectorOptions[] = [];
  const submitted: { stream: string; rtpTimestamp: number }[] = [];
  const closed: string[] = [];
  const listeners = new Set<FrameListener>();
  const page = { hidden: false, brokenHalf: false, frameTimestamp: 555 as number | undefined };
  let events: BrowserDetectorEvents | null = null;
  const link: LendingLink = {
    lend: (offer) => offers.push(offer),
    sendDetections: (detections, lease) => {
      sent.push({ detections, lease });
      return true;
    },
    onLeases: null,
  };
  vi.stubGlobal(
    'VideoFrame',
    class extends FakeFrame {
      constructor() {
        super(page.frameTimestamp);
      }
    },
  );
  const lender = new Lender({
    link,
    models: () => Promise.resolve(models),
    start: (options, given) => {
      started.push(options);
      events = given;
      given.onProgress({ loadedBytes: 50, totalBytes: 100 });
      const { name, sha256, width, height, precision, classes } = options.model;
      if (page.brokenHalf && precision === 'fp16') return Promise.reject(new Error('no shader-f16 after all'));
      const info = { model: name, sha256, inputWidth: width, inputHeight: height, precision, classes, adapter: null };
      const detector: BrowserDetector = {
        info: { ...info, backend: 'wasm', backendReason: null, threads: 2 },
        submit: (stream, _frame, rtpTimestamp) => void submitted.push({ stream, rtpTimestamp }),
        remove: (stream) => void closed.push(stream),
        stats: () => ({ detected: 0, replaced: 0, perSecond: 9 }),
        benchmark: () => Promise.resolve(capacityPerS),
        close: () => void closed.push(sha256.slice(0, 2)),
      };
      return Promise.resolve(detector);
    },
    hasHalf: () => Promise.resolve(hasHalf),
    backend: 'auto',
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    streamCount: () => 8,
    isHidden: () => page.hidden,
  });
  const present = (stream: string, rtpTimestamp?: number): void => {
    const metadata = { ...(rtpTimestamp !== undefined && { rtpTimestamp }) } as VideoFrameCallbackMetadata;
    for (const listener of listeners)
      listener({ stream, video: {} as HTMLVideoElement, atMs: 0, metadata, match: {} as never });
  };
  const detect = (...scores: number[]): void =>
    events!.onDetections({
      stream: 'north',
      rtpTimestamp: 555,
      sourceWidth: 1280,
      sourceHeight: 720,
      rows: Float32Array.from(scores.flatMap((score) => [0.5, 0.5, 0.1, 0.1, score, 0])),
      timings: { importMs: 1, preprocessMs: 1, inferMs: 1, decodeMs: 1, totalMs: 4 },
    });
  const fallBack = (): void =>
    events!.onFallback!({
      ...{ backend: 'wasm', backendReason: 'the GPU was lost', threads: 2, precision: 'fp32', model: 'lanecast-s' },
      ...{ sha256: MODEL.sha256, inputWidth: 576, inputHeight: 320, classes: ['car'], adapter: null },
    });
  const fail = (): void => events!.onFailure({ code: 'detector-lost', message: 'the GPU was lost' });
  return { lender, link, offers, sent, started, submitted, closed, listeners, page, present, detect, fail, fallBack };
}

describe('Lender', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('is off until it is asked, and costs nothing then', () => {
    const { lender, offers, started, listeners } = rig();
    expect(lender.phase).toBe('off');
    expect([offers.length, started.length, listeners.size]).toEqual([0, 0, 0]);
  });

  it('downloads, measures, offers, and detects on what is leased, by the timestamp of the very frame', async () => {
    const { lender, link, offers, submitted, sent, present, detect } = rig();
    await lender.set(true);
    expect(lender.phase).toBe('waiting');
    expect(offers).toEqual([{ backend: 'wasm', detectionsPerS: 100, model: MODEL.sha256 }]);
    present('north', 1);
    expect(submitted).toEqual([]);
    link.onLeases!([LEASE], null);
    expect(lender.phase).toBe('lending');
    present('north', 1);
    present('south', 2);
    // The video had gone on to the frame 555.
    expect(submitted).toEqual([{ stream: 'north', rtpTimestamp: 555 }]);
    detect(0.9, 0.5, 0.3, 0.1);
    expect(sent[0]!.lease).toBe(7);
    expect(sent[0]!.detections.rows).toHaveLength(12);
    detect(0.9, 0.15);
    expect(sent[1]!.detections.rows).toHaveLength(6);
    link.onLeases!([], 'north: taken back');
    expect([lender.phase, lender.reason]).toEqual(['waiting', 'north: taken back']);
    detect(0.9);
    expect(sent).toHaveLength(2);
  });

  it('takes the smaller model where the machine is slow', async () => {
    const small = { ...MODEL, width: 320, height: 192, sha256: 'cd'.repeat(32), isDefault: false };
    const { lender, started, offers } = rig(8, [MODEL, small]);
    await lender.set(true);
    expect(started.map(({ model }) => model.width)).toEqual([576, 320]);
    expect(offers.at(-1)).toMatchObject({ model: small.sha256 });
  });

  it('takes half precision where the GPU has it, and the other where that fails all the same', async () => {
    const half = { ...MODEL, precision: 'fp16' as const, sha256: 'ef'.repeat(32) };
    const good = rig(100, [MODEL, half], true);
    await good.lender.set(true);
    expect(good.offers).toMatchObject([{ model: half.sha256 }]);
    const bad = rig(100, [MODEL, half], true);
    bad.page.brokenHalf = true;
    await bad.lender.set(true);
    expect(bad.offers).toMatchObject([{ model: MODEL.sha256 }]);
  });

  it('measures and offers anew when the GPU was lost', async () => {
    const { lender, offers, fallBack } = rig();
    await lender.set(true);
    fallBack();
    await vi.advanceTimersByTimeAsync(1);
    expect(offers).toHaveLength(2);
    expect(lender.info?.backendReason).toBe('the GPU was lost');
  });

  it('pauses while the page is hidden', async () => {
    const { lender, link, offers, page } = rig();
    await lender.set(true);
    link.onLeases!([LEASE], null);
    page.hidden = true;
    lender.visibilityChanged();
    expect([lender.phase, offers.at(-1)]).toEqual(['hidden', null]);
    page.hidden = false;
    lender.visibilityChanged();
    expect(lender.phase).toBe('waiting');
    expect(offers.at(-1)).not.toBeNull();
  });

  it('says why it cannot where the browser tells no timestamps', async () => {
    const { lender, link, offers, present } = rig();
    await lender.set(true);
    link.onLeases!([LEASE], null);
    present('north');
    expect(lender.phase).toBe('failed');
    expect(lender.reason).toMatch(/RTP timestamp/);
    expect(offers.at(-1)).toBeNull();
  });

  it('says why it cannot where there is no model, tries ever more rarely, and at once with another server', async () => {
    const models: ModelEntry[] = [];
    const { lender, started } = rig(100, models);
    await lender.set(true);
    expect(lender.phase).toBe('failed');
    expect(lender.reason).toBe('the server has no model for browsers; tried again in 10 s');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(lender.reason).toMatch(/in 20 s$/);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(lender.reason).toMatch(/in 600 s$/);
    models.push(MODEL);
    await lender.serverRestarted();
    await vi.advanceTimersByTimeAsync(0);
    expect([lender.phase, started.length]).toEqual(['waiting', 1]);
    // The same model: nothing to do.
    await lender.serverRestarted();
    expect(started).toHaveLength(1);
    models.splice(0, 1, { ...MODEL, sha256: 'ef'.repeat(32) });
    await lender.serverRestarted();
    await vi.advanceTimersByTimeAsync(0);
    expect([lender.phase, lender.info?.sha256.slice(0, 2)]).toEqual(['waiting', 'ef']);
    await lender.set(false);
    expect(lender.phase).toBe('off');
  });

  it('starts again by itself after its detector died', async () => {
    const { lender, offers, started, fail } = rig();
    await lender.set(true);
    fail();
    expect(lender.phase).toBe('failed');
    expect(offers.at(-1)).toBeNull();
    await vi.advanceTimersByTimeAsync(11_000);
    expect(started).toHaveLength(2);
    expect(lender.phase).toBe('waiting');
  });

  it('leaves nothing behind when it is switched off', async () => {
    const { lender, offers, closed, listeners } = rig();
    await lender.set(true);
    await lender.set(false);
    expect([offers.at(-1), listeners.size, vi.getTimerCount()]).toEqual([null, 0, 0]);
    expect(closed).toEqual(['ab']);
    lender.close();
    expect(closed).toEqual(['ab']);
  });
});
