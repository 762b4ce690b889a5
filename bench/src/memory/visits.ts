/** Lets a round's visitors come and go, and its cameras die and return. */
import { messageOf } from '@lanecast/server/core/errors';
import type { ChurnEvent } from './churn.js';
import { openViewer, type Viewer } from './viewers.js';

export interface VisitTotals {
  visits: number;
  /** That the server turned away, with its words: more than a few are a fault. */
  refused: string[];
  /** Of them that got nothing at all although they stayed. */
  emptyHanded: number;
  cameraDeaths: number;
  bytes: number;
}

export interface VisitedPlaces {
  url: string;
  streams: readonly string[];
  kill(stream: string): Promise<void>;
  revive(stream: string): Promise<void>;
  collectGarbage(): Promise<void>;
}

/** A visit shorter than this may leave before anything was sent. */
const PATIENCE_S = 3;

export class Visits {
  readonly totals: VisitTotals = { visits: 0, refused: [], emptyHanded: 0, cameraDeaths: 0, bytes: 0 };
  readonly #places: VisitedPlaces;
  readonly #present = new Set<symbol>();
  #quietSinceMs = performance.now();

  constructor(places: VisitedPlaces) {
    this.#places = places;
  }

  get watched(): { viewers: number; quietS: number } {
    const viewers = this.#present.size;
    return { viewers, quietS: viewers > 0 ? 0 : (performance.now() - this.#quietSinceMs) / 1000 };
  }

  /** Plays a plan; resolves when its last event is over. Rejects when a camera does not come back. */
  async play(events: readonly ChurnEvent[], signal: AbortSignal): Promise<void> {
    await Promise.all(
      events.map(async (event) => {
        await sleep(event.atS, signal);
        if (signal.aborted) return;
        if (event.kind === 'camera') await this.#outage(event, signal);
        else await this.#visit(event, signal);
      }),
    );
  }

  async #outage({ camera, lastsS }: ChurnEvent & { kind: 'camera' }, signal: AbortSignal): Promise<void> {
    const stream = this.#places.streams[camera]!;
    this.totals.cameraDeaths++;
    await this.#places.kill(stream);
    await sleep(lastsS, signal);
    await this.#places.revive(stream);
  }

  async #visit(event: ChurnEvent & { kind: 'viewer' }, signal: AbortSignal): Promise<void> {
    const presence = Symbol(event.viewer);
    this.#present.add(presence);
    this.totals.visits++;
    try {
      const viewer: Viewer = await openViewer(event.viewer, this.#places.url, this.#places.streams[event.camera]!);
      await sleep(event.lastsS, signal);
      await viewer.leave(event.rude);
      this.totals.bytes += viewer.bytes;
      if (viewer.bytes === 0 && event.lastsS > PATIENCE_S && !signal.aborted) this.totals.emptyHanded++;
    } catch (error) {
      // A snapshot of a camera that is down, say.
      this.totals.refused.push(`${event.viewer}: ${messageOf(error)}`);
    } finally {
      this.#present.delete(presence);
      if (this.#present.size === 0) this.#quietSinceMs = performance.now();
    }
  }
}

function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, seconds * 1000);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });
}
