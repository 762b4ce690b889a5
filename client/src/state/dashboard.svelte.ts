import type { ModelEntry } from '@lanecast/server/core/model-entry';
import { findGpu } from '../detector/gpu-device.js';
import { Lender } from '../lending/lender.svelte.js';
import { lendBackend, lendPreference, rememberLending } from '../lending/lend-preference.js';
import { frameProbe } from '../overlay/frame-probe.js';
import { LiveLink } from '../connection/live-link.svelte.js';
import { History } from '../stats/history.js';
import { sample } from '../stats/server-history.js';
import { type LoginFailure, logIn } from './access.js';
import { ApiError, getJson } from './api.js';
import { PageUpgrade } from './page-upgrade.js';
import type { ServerStats, StreamInfo } from './server-types.js';

const POLL_MS = 2000;
/** While the login is shown: a server that knew its tokens no longer for a while (a wrong clock) lets a wall in again. */
const ASK_AGAIN_MS = 30_000;
/** At the first need the server prepares them. */
const MODELS_TIMEOUT_MS = 60_000;

/** What the whole page shows; the components read it, and only it changes. */
export class Dashboard {
  streams = $state.raw<readonly StreamInfo[]>([]);
  stats = $state.raw<ServerStats | null>(null);
  /** False until the first answer, and while the server does not answer. */
  reachable = $state<boolean | null>(null);
  /** `asked`: the server wants a token; else why the one that was given was not taken. */
  login = $state<'no' | 'asked' | LoginFailure>('no');
  focusedId = $state<string | null>(null);
  drawerOpen = $state(false);
  helpOpen = $state(false);
  labels = $state(true);
  trails = $state(true);
  /** How often the server came back after it had not answered, or is another process: pictures by HTTP begin anew. */
  comebacks = $state(0);
  /** Changes with every poll: the charts redraw. */
  samples = $state(0);

  readonly link = new LiveLink(() => this.streams.map(({ id, state }) => ({ id, live: state === 'live' })));
  readonly lender = new Lender({
    link: this.link,
    models: () => getJson<ModelEntry[]>('/api/models', MODELS_TIMEOUT_MS),
    // ONNX Runtime is large: only pages that lend load it.
    start: async (...given) => (await import('../detector/browser-detector.js')).startBrowserDetector(...given),
    hasHalf: async () => {
      const gpu = await findGpu(false);
      return gpu.adapter !== null && gpu.hasHalf;
    },
    backend: lendBackend(location.search),
    listen: (listener) => frameProbe.listen(listener),
    streamCount: () => this.streams.length,
    isHidden: () => document.hidden,
  });
  readonly history = new History();
  readonly #upgrade = new PageUpgrade();
  /** The server's process. */
  #instance: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #polling = false;
  /** How often a poll was wished for while one was under way. */
  #wishes = 0;
  #closed = false;
  /** To lend as soon as the server has let this page in. */
  #lendWhenKnown = false;
  readonly #onVisibility = (): void => this.lender.visibilityChanged();

  start(): void {
    this.link.onStreamList = () => {
      if (!this.#listIsCurrent()) this.#pollNow();
    };
    document.addEventListener('visibilitychange', this.#onVisibility);
    this.focusedId = idOfHash(location.hash);
    // Not after the first answer: video comes the sooner.
    this.link.start();
    void this.#poll();
    if (lendPreference(location.search, localStorageOrNull())) this.#lendWhenKnown = true;
  }

  /** Lends this page's GPU or not; remembered. */
  setLending(wanted: boolean): void {
    rememberLending(wanted, localStorageOrNull());
    void this.lender.set(wanted);
  }

  /** May be called twice. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.lender.close();
    this.link.close();
  }

  async logIn(token: string): Promise<void> {
    const failure = await logIn(token);
    if (failure !== null) {
      this.login = failure;
      return;
    }
    this.#pollNow();
  }

  focus(id: string | null): void {
    this.focusedId = id !== null && this.streams.some((stream) => stream.id === id) ? id : null;
    // The address leads back to this camera; it is no step to go back from.
    const hash = this.focusedId === null ? '' : `#${encodeURIComponent(this.focusedId)}`;
    history.replaceState(null, '', location.pathname + location.search + hash);
  }

  #listIsCurrent(): boolean {
    return this.streams.map(({ id }) => id).join('\n') === [...this.link.carriage.keys()].join('\n');
  }

  /** Cameras were changed from this page: the wall follows at once. */
  refresh(): void {
    this.#pollNow();
  }

  /** Something is another than at the last poll. An answer under way may be of before: then once more after it. */
  #pollNow(): void {
    if (this.#polling) {
      this.#wishes++;
      return;
    }
    clearTimeout(this.#timer);
    void this.#poll();
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    const wishes = this.#wishes;
    await this.#ask();
    this.#polling = false;
    if (this.#closed) return;
    const atOnce = this.#wishes > wishes && !this.#listIsCurrent();
    const pauseMs = this.login !== 'no' && this.reachable ? ASK_AGAIN_MS : POLL_MS;
    this.#timer = setTimeout(() => void this.#poll(), atOnce ? 0 : pauseMs);
  }

  async #ask(): Promise<void> {
    try {
      const [streams, stats] = await Promise.all([
        getJson<StreamInfo[]>('/api/streams'),
        getJson<ServerStats>('/api/stats'),
      ]);
      if (this.#closed) return;
      const restarted = this.#instance !== null && stats.instance !== this.#instance;
      this.#instance = stats.instance;
      // Before anything that an old page may not understand of a new server.
      if (restarted) this.#upgrade.serverRestarted();
      void this.#upgrade.tend();
      if (restarted || this.reachable === false) this.comebacks++;
      this.streams = streams;
      this.stats = stats;
      this.history.add(Date.now() / 1000, sample(stats, streams));
      this.samples++;
      this.reachable = true;
      this.login = 'no';
      this.link.start(restarted);
      if (restarted) void this.lender.serverRestarted();
      if (this.#lendWhenKnown) void this.lender.set(true);
      this.#lendWhenKnown = false;
    } catch (error) {
      if (this.#closed) return;
      if (error instanceof ApiError && error.status === 401) {
        // What is said of a token that was wrong stays until the next.
        if (this.login === 'no') this.login = 'asked';
        this.link.stop();
        this.reachable = true;
        return;
      }
      this.reachable = false;
    }
  }
}

/** Storage may be forbidden altogether. */
function localStorageOrNull(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** The camera that the address names (`#north-gate`); null for none, or for what nobody wrote. */
function idOfHash(hash: string): string | null {
  try {
    return decodeURIComponent(hash.slice(1)) || null;
  } catch {
    return null;
  }
}

export const dashboard = new Dashboard();
