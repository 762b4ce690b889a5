import { AnsweringChild } from '../child-process.js';
import type { Engine, Place } from './media-places.js';
import type { ViewersRow } from './report.js';
import type { ServerMessage, ServerOrder, ServerUsage } from './server-process.js';
import type { ViewerCounts, ViewersMessage, ViewersOrder } from './viewer-process.js';

const JOIN_TIMEOUT_MS = 20_000;
/** Groups of pictures that were cached have been sent by then. */
const SETTLE_MS = 3000;

export interface Setting {
  engine: Engine;
  place: Place;
  viewers: readonly number[];
  seconds: number;
  /** Flags for the server's Node, as --cpu-prof. */
  execArgv: readonly string[];
}

/** The server's process and the viewers'. */
export class Stage {
  readonly server: AnsweringChild<ServerOrder, ServerMessage>;
  readonly #viewers = new AnsweringChild<ViewersOrder, ViewersMessage>(new URL('./viewer-process.js', import.meta.url));
  #url = '';

  private constructor(execArgv: readonly string[]) {
    this.server = new AnsweringChild(new URL('./server-process.js', import.meta.url), execArgv);
  }

  /** Rejects when the server does not start. */
  static async start(urls: readonly string[], setting: Pick<Setting, 'engine' | 'place' | 'execArgv'>): Promise<Stage> {
    const stage = new Stage(setting.execArgv);
    try {
      const { engine, place } = setting;
      const ready = await stage.server.ask({ kind: 'start', urls, engine, place });
      if (ready.kind !== 'ready') throw new Error(ready.kind === 'failed' ? ready.message : 'the server did not start');
      stage.#url = ready.url;
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  async usage(): Promise<ServerUsage> {
    const answer = await this.server.ask({ kind: 'usage' });
    if (answer.kind !== 'usage') throw new Error('the server did not tell its usage');
    return answer;
  }

  async watch(count: number): Promise<ViewerCounts[]> {
    return (await this.#viewers.ask({ kind: 'watch', url: this.#url, count })).viewers;
  }

  async counts(): Promise<ViewerCounts[]> {
    return (await this.#viewers.ask({ kind: 'counts' })).viewers;
  }

  /** Rejects when one of the viewers does not get all streams in time. */
  async joined(streams: number): Promise<void> {
    const deadlineMs = performance.now() + JOIN_TIMEOUT_MS;
    for (;;) {
      const viewers = await this.counts();
      const ended = viewers.find((viewer) => viewer.ended !== null);
      if (ended) throw new Error(`a viewer ended: ${ended.ended!}`);
      if (viewers.every((viewer) => viewer.connected && viewer.streams === streams)) return;
      if (performance.now() > deadlineMs)
        throw new Error(`viewers did not get all streams: ${JSON.stringify(viewers)}`);
      await sleep(100);
    }
  }

  /** May be called twice. */
  async close(): Promise<void> {
    await Promise.all([this.#viewers.close(), this.server.close()]);
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Measures one engine in one place, with each number of viewers in turn. */
export async function measure(urls: readonly string[], setting: Setting): Promise<ViewersRow[]> {
  const stage = await Stage.start(urls, setting);
  try {
    const rows: ViewersRow[] = [];
    for (const count of setting.viewers) {
      await stage.watch(count);
      await stage.joined(urls.length);
      await sleep(SETTLE_MS);
      const viewersBefore = await stage.counts();
      const before = await stage.usage();
      await sleep(setting.seconds * 1000);
      const after = await stage.usage();
      rows.push(rowOf(setting, before, after, viewersBefore, await stage.counts()));
    }
    return rows;
  } finally {
    await stage.close();
  }
}

function rowOf(
  { engine, place }: Setting,
  before: ServerUsage,
  after: ServerUsage,
  viewersBefore: readonly ViewerCounts[],
  viewersAfter: readonly ViewerCounts[],
): ViewersRow {
  const seconds = (after.atMs - before.atMs) / 1000;
  const count = viewersAfter.length;
  const perViewer = (of: (viewer: ViewerCounts) => number): number =>
    count === 0 ? 0 : viewersAfter.reduce((sum, v, i) => sum + of(v) - of(viewersBefore[i]!), 0) / count / seconds;
  return {
    engine,
    place,
    viewers: count,
    seconds,
    cpuMsPerS: (after.cpuMs - before.cpuMs) / seconds,
    mediaCpuMsPerS:
      after.mediaCpuMs === null || before.mediaCpuMs === null ? null : (after.mediaCpuMs - before.mediaCpuMs) / seconds,
    loopDelayP99Ms: after.loopDelayP99Ms,
    packetsPerS: perViewer(({ packets }) => packets),
    megabitsPerS: (perViewer(({ bytes }) => bytes) * 8) / 1e6,
    tracksPerS: perViewer(({ tracks }) => tracks),
    missing: Math.max(0, ...viewersAfter.map((viewer, i) => viewer.missing - viewersBefore[i]!.missing)),
    missingWhileJoining: Math.max(0, ...viewersBefore.map(({ missing }) => missing)),
  };
}
