import type { GpuWall } from '../overlay/gpu/gpu-wall.js';
import type { WallGpu } from '../overlay/gpu/gpu-device.js';
import { isRendererWish, type RendererWish, wantsGpu } from './renderer-choice.js';

const KEY = 'lanecast-renderer';
export const CANVAS_RENDERER = 'video + Canvas 2D';

type Gpu = WallGpu & { GpuWall: typeof GpuWall };

/**
 * The renderer of the wall: the viewer's wish (in `?renderer=` or kept in this browser), and what became of it. The GPU is
 * opened, and its code loaded, when it is wanted; when it fails, all tiles go on with Canvas 2D, and the reason is shown.
 */
export class WallRenderer {
  wish = $state<RendererWish>('auto');
  /** Opened, but not yet or no longer drawing where `wall` is null. */
  gpu = $state.raw<Gpu | null>(null);
  /** Draws all tiles; null: each tile draws itself. */
  wall = $state.raw<GpuWall | null>(null);
  /** Why the GPU is not used although it is wanted; null: it is, or is not wanted. */
  reason = $state<string | null>(null);
  name = $derived(
    this.wall && this.gpu ? `WebGPU, ${this.gpu.adapter}${this.gpu.isSoftware ? ' (software)' : ''}` : CANVAS_RENDERER,
  );
  /** The address asked for it: a software adapter will do. */
  readonly #isForced: boolean;
  #tiles = 0;
  #opening = false;
  #failed = false;

  constructor(query: string) {
    const asked = new URLSearchParams(query).get('renderer');
    this.#isForced = asked === 'webgpu';
    if (isRendererWish(asked)) this.wish = asked;
    else this.wish = kept() ?? 'auto';
  }

  /** The viewer's choice; it is kept. A GPU that failed is tried again. */
  choose(wish: RendererWish): void {
    this.wish = wish;
    try {
      localStorage.setItem(KEY, wish);
    } catch {
      // Storage may be forbidden: the choice then lives as long as the page.
    }
    this.#failed = false;
    this.reason = null;
    this.#decide();
  }

  /** The wall has so many tiles now. */
  setTiles(tiles: number): void {
    this.#tiles = tiles;
    this.#decide();
  }

  /** The wall goes on with Canvas 2D at once. */
  fail(reason: string): void {
    this.#failed = true;
    this.reason = reason;
    this.#release();
  }

  /** May be called twice. */
  close(): void {
    this.#tiles = 0;
    this.#release();
  }

  get #wanted(): boolean {
    return this.#tiles > 0 && wantsGpu(this.wish);
  }

  #decide(): void {
    if (!this.#wanted) this.#release();
    else if (!this.gpu && !this.#opening && !this.#failed) void this.#open();
  }

  async #open(): Promise<void> {
    this.#opening = true;
    try {
      const [{ openWallGpu }, { GpuWall }] = await Promise.all([
        import('../overlay/gpu/gpu-device.js'),
        import('../overlay/gpu/gpu-wall.js'),
      ]);
      const answer = await openWallGpu(this.#isForced);
      if (!answer.gpu) this.fail(answer.reason);
      // Meanwhile the viewer, or the number of tiles, may have changed.
      else if (this.#wanted) this.gpu = { ...answer.gpu, GpuWall };
      else answer.gpu.device.destroy();
    } catch (error) {
      this.fail(`its code did not load (${error instanceof Error ? error.message : String(error)})`);
    } finally {
      this.#opening = false;
    }
  }

  #release(): void {
    const { gpu } = this;
    this.wall = null;
    this.gpu = null;
    // The wall closes itself with its canvas; what it still draws until then goes nowhere.
    gpu?.device.destroy();
  }
}

function kept(): RendererWish | null {
  try {
    const value = localStorage.getItem(KEY);
    return isRendererWish(value) ? value : null;
  } catch {
    return null;
  }
}

export const wallRenderer = new WallRenderer(location.search);
