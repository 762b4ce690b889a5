import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveLink, type LinkSession } from './live-link.svelte.js';
import { type LinkStep, linkFailure } from './link-status.js';
import type { SessionOptions } from './peer-session.js';

class FakeSession implements LinkSession {
  step: LinkStep = 'websocket';
  closed = false;
  mode = '';
  watched: string[] = [];
  readonly offers: (number | null)[] = [];
  readonly options: SessionOptions;

  constructor(options: SessionOptions) {
    this.options = options;
  }

  setMode(mode: string): void {
    this.mode = mode;
  }

  watch(ids: ReadonlySet<string>): void {
    this.watched = [...ids];
  }

  lend(offer: { detectionsPerS: number } | null): void {
    this.offers.push(offer?.detectionsPerS ?? null);
  }

  sendDetections(): boolean {
    return true;
  }

  waitingFor(): LinkStep {
    return this.step;
  }

  played(): null {
    return null;
  }
  receiverFigures(): ReturnType<LinkSession['receiverFigures']> {
    return Promise.resolve(new Map<string, never>());
  }

  close(): void {
    this.closed = true;
  }
}

describe('LiveLink', () => {
  let sessions: FakeSession[];
  let link: LiveLink;
  let cameraLive: boolean;
  let ids: string[];

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('document', { hidden: false });
    sessions = [];
    cameraLive = true;
    ids = ['north'];
    link = new LiveLink(
      () => ids.map((id) => ({ id, live: cameraLive })),
      (options) => {
        const session = new FakeSession(options);
        sessions.push(session);
        return session;
      },
    );
    link.start();
  });

  afterEach(() => {
    link.close();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('tells when the server has other streams, and forgets those that are gone and shown nowhere', async () => {
    const told = vi.fn();
    link.onStreamList = told;
    const carriage = (...names: string[]) =>
      new Map(names.map((id) => [id, { kind: 'webrtc', holdMs: 0, transcoded: null } as const]));
    newest().options.onCarriage(carriage('north', 'south'));
    newest().options.onCarriage(carriage('north', 'south'));
    expect(told).toHaveBeenCalledTimes(1);
    ids = ['north', 'south'];
    const [north, south] = [link.feed('north'), link.feed('south')];
    link.setVisible('south', true);
    ids = ['north'];
    newest().options.onCarriage(carriage('north'));
    expect(told).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1100);
    expect(link.feed('south')).toBe(south);
    link.setVisible('south', false);
    await vi.advanceTimersByTimeAsync(1100);
    expect(link.feed('south')).not.toBe(south);
    expect(link.feed('north')).toBe(north);
  });

  const newest = (): FakeSession => sessions.at(-1)!;
  const showVideo = (session: FakeSession): void => {
    session.options.onReady();
    session.options.onMedia(new Map([['north', {} as MediaStream]]));
  };

  it('is live once the peer connection stands', async () => {
    expect(link.phase).toBe('connecting');
    newest().options.onReady();
    await vi.advanceTimersByTimeAsync(4000);
    expect(link.phase).toBe('live');
    expect(sessions).toHaveLength(1);
  });

  it('falls back within 5 s, names the step that hangs, and goes on trying until it works', async () => {
    newest().step = 'ice';
    await vi.advanceTimersByTimeAsync(4000);
    expect(link.phase).toBe('fallback');
    expect(link.failure?.step).toBe('ice');
    expect(sessions[0]!.closed).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sessions.length).toBeGreaterThan(4);
    while (newest().closed) await vi.advanceTimersByTimeAsync(100);
    newest().options.onReady();
    expect(link.phase).toBe('live');
    expect(link.failure).toBeNull();
  });

  it('tries again before it changes the page when a connection that worked breaks', async () => {
    newest().options.onReady();
    await vi.advanceTimersByTimeAsync(20_000);
    newest().options.onEnd(linkFailure('websocket'));
    expect(link.phase).toBe('connecting');
    await vi.advanceTimersByTimeAsync(500);
    expect(sessions).toHaveLength(2);
    newest().options.onEnd(linkFailure('websocket'));
    expect(link.phase).toBe('fallback');
  });

  it('takes no notice of a session that is gone', () => {
    const first = newest();
    first.options.onReady();
    first.options.onEnd(linkFailure('dtls'));
    first.options.onReady();
    expect(link.phase).toBe('connecting');
  });

  it('makes a connection anew that stands but brings no frame of a camera that is live and seen', async () => {
    link.setVisible('north', true);
    showVideo(newest());
    await vi.advanceTimersByTimeAsync(8000);
    expect(link.failure?.step).toBe('media');
    expect(sessions.length).toBeGreaterThan(1);
  });

  it('makes it anew for a single tile that stands still while another moves, and then has patience', async () => {
    ids = ['north', 'south'];
    for (const id of ids) link.setVisible(id, true);
    const moving = setInterval(() => (link.feed('north').lastPresentedMs = performance.now()), 200);
    const show = (): void => {
      newest().options.onMedia(new Map(ids.map((id) => [id, {} as MediaStream])));
      newest().options.onReady();
    };
    show();
    await vi.advanceTimersByTimeAsync(19_000);
    expect(sessions).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(5000);
    expect(sessions).toHaveLength(2);
    show();
    await vi.advanceTimersByTimeAsync(150_000);
    expect(sessions).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(40_000);
    expect(sessions.length).toBeGreaterThan(2);
    clearInterval(moving);
  });

  it('waits patiently while the camera itself is down, or its tile out of sight', async () => {
    cameraLive = false;
    link.setVisible('north', true);
    showVideo(newest());
    await vi.advanceTimersByTimeAsync(30_000);
    cameraLive = true;
    link.setVisible('north', false);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(link.phase).toBe('live');
    expect(sessions).toHaveLength(1);
  });

  it('passes on what the viewer wants', () => {
    link.setVisible('north', true);
    link.setMode('fastest');
    expect(newest().watched).toEqual(['north']);
    expect(newest().mode).toBe('fastest');
  });

  it('offers to lend once video can flow, and again after a reconnection; leases end with the connection', async () => {
    const leases: number[] = [];
    link.onLeases = (all) => leases.push(all.length);
    link.lend({ backend: 'wasm', detectionsPerS: 30, model: 'ab'.repeat(32) });
    expect(newest().offers).toEqual([]);
    newest().options.onReady();
    expect(newest().offers).toEqual([30]);
    newest().options.onLeases([{ stream: 'north', lease: 1, scoreThreshold: 0.1, maxRows: 300 }], null);
    newest().options.onEnd(linkFailure('websocket'));
    expect(leases).toEqual([1, 0]);
    await vi.advanceTimersByTimeAsync(500);
    newest().options.onReady();
    expect(newest().offers).toEqual([30]);
    link.lend(null);
    expect(newest().offers).toEqual([30, null]);
  });

  it('leaves nothing behind when it is closed or stopped', async () => {
    link.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]!.closed).toBe(true);
    link.start();
    expect(sessions).toHaveLength(2);
    link.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
