/** Which renderer draws the wall. Pure. */

/** `auto`: whichever is the better one here. */
export type RendererWish = 'auto' | 'canvas' | 'webgpu';

export const RENDERER_WISHES: readonly RendererWish[] = ['auto', 'canvas', 'webgpu'];

/**
 * From so many tiles on `auto` draws on the GPU, where there is a real one. Below, one `<video>` and one canvas per tile
 * are simple and fast everywhere (docs/dashboard.md has what was measured).
 */
export const AUTO_GPU_FROM_TILES = 16;

export function isRendererWish(value: unknown): value is RendererWish {
  return RENDERER_WISHES.includes(value as RendererWish);
}

/** Whether the GPU is to be tried. */
export function wantsGpu(wish: RendererWish, tiles: number): boolean {
  return wish === 'webgpu' || (wish === 'auto' && tiles >= AUTO_GPU_FROM_TILES);
}
