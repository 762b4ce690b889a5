/** Which renderer draws the wall. Pure. */

/** `auto`: whichever is the better one here. */
export type RendererWish = 'auto' | 'canvas' | 'webgpu';

export const RENDERER_WISHES: readonly RendererWish[] = ['auto', 'canvas', 'webgpu'];

export function isRendererWish(value: unknown): value is RendererWish {
  return RENDERER_WISHES.includes(value as RendererWish);
}

/**
 * Whether the GPU is to be tried. `auto` never does: wherever it was measured, a `<video>` and a canvas for each tile showed
 * more frames (docs/dashboard.md).
 */
export function wantsGpu(wish: RendererWish): boolean {
  return wish === 'webgpu';
}
