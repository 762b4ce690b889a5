import type { LeaseTerms, LendOffer } from '@lanecast/server/core/signalling/messages';
import type { BrowserDetections } from '../detector/browser-detector.js';
import type { FrameMessage } from '../overlay/frame-message.js';
import type { ExactnessCounts } from '../overlay/exactness.js';
import { StreamFeed } from '../overlay/stream-feed.js';
import { Backoff } from './backoff.js';
import { ClockOffset } from './clock-offset.js';
import { type LinkFailure, linkFailure } from './link-status.js';
import { PeerSession, type SessionOptions } from './peer-session.js';
import { StuckStreams } from './stuck-streams.js';

export type VideoMode = 'smooth' | 'fastest';

/** How a stream reaches this page. */
export type Carriage =
  /** `transcoded`: from what and why; null: as the camera sends it. */
  | { kind: 'webrtc'; holdMs: number; transcoded: string | null }
  /** WebRTC cannot carry it; `reason` says why. */
  | { kind: 'mjpeg'; reason: string };

/** Figures of one tile, once a second. */
export interface LinkFigures {
  /** Frames shown since the page was opened. */
  presented: number;
  shownFps: number;
  /** Share of the last frames with boxes measured on them. */
  exactShare: number;
  /** Frames are matched by an estimate of their time: the browser does not tell their RTP timestamps. */
  estimated: boolean;
  /** Since the last frame; Infinity before the first. */
  silentMs: number;
  kbps: number | null;
  /** From the server's receiving a frame to its showing here; null if unknown. */
  latencyMs: number | null;
}

/** What the link needs of a session; tests bring their own. */
export type LinkSession = Pick<
  PeerSession,
  'setMode' | 'watch' | 'lend' | 'sendDetections' | 'waitingFor' | 'receiverFigures' | 'played' | 'close'
>;

/** What the link needs to know of a stream. */
export interface LinkStream {
  id: string;
  /** The camera sends video. */
  live: boolean;
}

/** Motion JPEG is on the page five seconds after it was opened, whatever happens. */
const ATTEMPT_TIMEOUT_MS = 3500;
const FIGURES_EVERY_MS = 1000;
const NO_FRAMES_MS = 5000;
const MODE_KEY = 'lanecast-mode';

/**
 * Keeps the page connected: one WebSocket and one peer connection for all streams. When an attempt fails, or takes too
 * long, the page falls back to motion JPEG, with the step that failed, and further attempts are made in the background.
 */
export class LiveLink {
  phase = $state<'connecting' | 'live' | 'fallback'>('connecting');
  failure = $state.raw<LinkFailure | null>(null);
  mode = $state<VideoMode>('smooth');
  /** The video of each stream that is carried. */
  media = $state.raw<ReadonlyMap<string, MediaStream>>(new Map());
  carriage = $state.raw<ReadonlyMap<string, Carriage>>(new Map());
  figures = $state.raw<ReadonlyMap<string, LinkFigures>>(new Map());
  /** Told what the server asks this page to detect on. */
  onLeases: ((leases: readonly LeaseTerms[], reason: string | null) => void) | null = null;
  transport = $derived(
    this.phase === 'live' ? 'WebRTC' : this.phase === 'fallback' ? 'motion JPEG over HTTP' : 'connecting',
  );

  /** Called when the server has other streams than it had. */
  onStreamList: () => void = () => undefined;

  readonly #streams: () => readonly LinkStream[];
  readonly #feeds = new Map<string, StreamFeed>();
  readonly #visible = new Set<string>();
  readonly #backoff = new Backoff();
  readonly clock = new ClockOffset();
  readonly #createSession: (options: SessionOptions) => LinkSession;
  #session: LinkSession | null = null;
  #sessionSinceMs = 0;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #lastPresented = new Map<string, number>();
  #lastTickMs = 0;
  /** Since when there is a stream whose frames should be seen. */
  #dueSinceMs = 0;
  readonly #stuck = new StuckStreams();
  #closed = false;
  #lendOffer: LendOffer | null = null;

  /** `streams`: those that the server has, at this moment. */
  constructor(
    streams: () => readonly LinkStream[],
    createSession: (options: SessionOptions) => LinkSession = (options) => new PeerSession(options),
  ) {
    this.#createSession = createSession;
    this.#streams = streams;
    try {
      if (localStorage.getItem(MODE_KEY) === 'fastest') this.mode = 'fastest';
    } catch {
      // Storage may be forbidden: smooth then.
    }
  }

  /** Begins to connect; later calls do nothing, or with `now` make a waiting attempt at once (the server is back). */
  start(now = false): void {
    if (this.#closed) return;
    if (this.#ticker === undefined) {
      this.#ticker = setInterval(() => void this.#tick(), FIGURES_EVERY_MS);
      this.#attempt();
    } else if (now && !this.#session) {
      this.#backoff.reset();
      this.#attempt();
    }
  }

  /** Until the next `start`: the server wants to know first who this is. */
  stop(): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    this.#drop();
    this.phase = 'connecting';
    this.failure = null;
  }

  /** May be called twice. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#ticker);
    this.#drop();
  }

  #drop(): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#retry);
    this.#session?.close();
    this.#session = null;
  }

  setMode(mode: VideoMode): void {
    this.mode = mode;
    try {
      localStorage.setItem(MODE_KEY, mode);
    } catch {
      // As above.
    }
    this.#session?.setMode(mode);
  }

  /** Offers to detect, also after each reconnection; null: no longer. */
  lend(offer: LendOffer | null): void {
    this.#lendOffer = offer;
    if (this.phase === 'live') this.#session?.lend(offer);
  }

  /** False if they were dropped: the connection is behind, or gone. */
  sendDetections(detections: BrowserDetections, lease: number): boolean {
    return this.#session?.sendDetections(detections, lease) ?? false;
  }

  /** Tells whether a stream's tile can be seen: the others are not sent. */
  setVisible(id: string, visible: boolean): void {
    if (visible === this.#visible.has(id)) return;
    if (visible) this.#visible.add(id);
    else this.#visible.delete(id);
    this.#session?.watch(this.#visible);
  }

  feed(id: string): StreamFeed {
    let feed = this.#feeds.get(id);
    if (!feed) {
      feed = new StreamFeed(id, this.clock);
      feed.played = () => this.#session?.played(id) ?? null;
      this.#feeds.set(id, feed);
    }
    return feed;
  }

  /** The newest message of each stream that is not stale. */
  newestMessages(): Map<string, FrameMessage> {
    const newest = new Map<string, FrameMessage>();
    const since = performance.now() - 2000;
    for (const { id } of this.#streams()) {
      const feed = this.#feeds.get(id);
      if (feed?.matcher.newest && feed.lastMessageMs > since) newest.set(id, feed.matcher.newest);
    }
    return newest;
  }

  /** Frames shown on all tiles by how their boxes came about. */
  exactness(): ExactnessCounts {
    const total = { exact: 0, interpolated: 0, predicted: 0, none: 0, estimated: 0, missed: 0 };
    for (const { exactness } of this.#feeds.values())
      for (const key of Object.keys(total) as (keyof ExactnessCounts)[]) total[key] += exactness.counts[key];
    return total;
  }

  #attempt(): void {
    clearTimeout(this.#retry);
    this.#sessionSinceMs = performance.now();
    this.#dueSinceMs = this.#sessionSinceMs;
    this.#stuck.beginAnew();
    const session = this.#createSession({
      mode: this.mode,
      watched: this.#visible,
      clock: this.clock,
      onMedia: (media) => (this.media = media),
      onCarriage: (carriage) => this.#carried(carriage),
      onMessage: (id, message) => this.feed(id).add(message),
      onLeases: (leases, reason) => {
        if (this.#session === session) this.onLeases?.(leases, reason);
      },
      onReady: () => {
        if (this.#session !== session) return;
        clearTimeout(this.#deadline);
        this.phase = 'live';
        this.failure = null;
        if (this.#lendOffer) session.lend(this.#lendOffer);
      },
      onEnd: (failure) => {
        if (this.#session === session) this.#ended(failure);
      },
    });
    this.#session = session;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => {
      if (this.#session === session) this.#ended(linkFailure(session.waitingFor()));
    }, ATTEMPT_TIMEOUT_MS);
  }

  #carried(carriage: ReadonlyMap<string, Carriage>): void {
    const before = [...this.carriage.keys()].join('\n');
    this.carriage = carriage;
    if ([...carriage.keys()].join('\n') !== before) this.onStreamList();
  }

  /** What was kept of streams that are gone goes; those that a tile still shows go with it. */
  #forgetGone(): void {
    const there = new Set(this.#streams().map(({ id }) => id));
    for (const id of [...this.#feeds.keys()]) {
      if (there.has(id) || this.#visible.has(id)) continue;
      this.#feeds.delete(id);
      this.#lastPresented.delete(id);
      this.#stuck.forget(id);
    }
  }

  #ended(failure: LinkFailure): void {
    const heldMs = performance.now() - this.#sessionSinceMs;
    const wasLive = this.phase === 'live';
    this.onLeases?.([], null);
    clearTimeout(this.#deadline);
    this.#session?.close();
    this.#session = null;
    this.media = new Map();
    this.failure = failure;
    // A connection that worked gets another try before the page changes; motion JPEG needs the server as well.
    this.phase = wasLive ? 'connecting' : 'fallback';
    if (this.#closed) return;
    this.#retry = setTimeout(() => this.#attempt(), this.#backoff.next(wasLive ? heldMs : 0));
  }

  async #tick(): Promise<void> {
    const nowMs = performance.now();
    const seconds = (nowMs - this.#lastTickMs) / 1000;
    this.#lastTickMs = nowMs;
    const received = (await this.#session?.receiverFigures()) ?? new Map<string, { kbps: number }>();
    const figures = new Map<string, LinkFigures>();
    for (const { id } of this.#streams()) {
      const feed = this.feed(id);
      const shown = feed.presented - (this.#lastPresented.get(id) ?? 0);
      this.#lastPresented.set(id, feed.presented);
      figures.set(id, {
        presented: feed.presented,
        shownFps: shown / Math.max(0.1, seconds),
        exactShare: feed.exactness.shares().exact,
        estimated: feed.exactness.counts.estimated > 0,
        silentMs: nowMs - feed.lastPresentedMs,
        kbps: received.get(id)?.kbps ?? null,
        latencyMs: feed.latencyMs,
      });
    }
    this.figures = figures;
    this.#forgetGone();
    this.#watchFrames(nowMs);
  }

  /**
   * A connection that is up but shows no frame of any camera that it should is of no use: it is made anew; after more time and
   * with more patience also for a single camera's sake.
   */
  #watchFrames(nowMs: number): void {
    if (document.hidden) this.#stuck.beginAnew();
    if (this.phase !== 'live' || document.hidden || nowMs - this.#sessionSinceMs < NO_FRAMES_MS) return;
    const due = this.#streams().filter(({ id, live }) => live && this.#visible.has(id) && this.media.has(id));
    if (due.length === 0) {
      this.#dueSinceMs = nowMs;
      return;
    }
    const shown = due.map(({ id }) => ({ id, lastPresentedMs: this.feed(id).lastPresentedMs }));
    const last = Math.max(this.#dueSinceMs, ...shown.map(({ lastPresentedMs }) => lastPresentedMs));
    const stuck = this.#stuck.look(nowMs, shown);
    if (nowMs - last > NO_FRAMES_MS || stuck !== null) this.#ended(linkFailure('media'));
  }
}
