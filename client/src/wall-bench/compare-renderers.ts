import { CanvasRenderer } from '../overlay/canvas-renderer.js';
import { openWallGpu } from '../overlay/gpu/gpu-device.js';
import { GpuWall } from '../overlay/gpu/gpu-wall.js';
import type { OverlayScene } from '../overlay/renderer.js';
import { TRAIL_US } from '../overlay/trails.js';
import { syntheticMessage } from './synthetic-message.js';

/** How far two pictures of the same scene are apart, channel values 0..255. */
export interface Difference {
  meanAbsolute: number;
  /** Share of the pixels with a channel that is more than 48 off. */
  farShare: number;
  /** Share of the pixels that the overlay changes at all: the scale for the other one. */
  overlayShare: number;
  /** The pictures, as PNG in data: URLs, for the eye. */
  canvas: string;
  webgpu: string;
}

const PICTURE = { x: 20, y: 10, width: 640, height: 360 };

/** Draws one scene with both renderers on one grey picture, at a density. @throws Error where there is no GPU. */
export async function compareRenderers(density: number): Promise<Difference> {
  const message = syntheticMessage(4_000_000, 9, 2);
  const scene: OverlayScene = {
    match: { kind: 'exact', byTimestamp: true, ptsUs: message.ptsUs, tracks: message.tracks, message },
    trail: (track) =>
      Array.from({ length: 12 }, (_, i) => ({
        ptsUs: message.ptsUs - TRAIL_US * (0.95 - 0.08 * i),
        x: track.x + 0.05 - 0.02 * (12 - i),
        y: Math.min(1, track.y + track.height + 0.003 * (12 - i) ** 1.5),
      })),
    style: { labels: true, trails: true },
  };
  const ground = new OffscreenCanvas(PICTURE.width, PICTURE.height);
  const paint = ground.getContext('2d')!;
  paint.fillStyle = '#808080';
  paint.fillRect(0, 0, PICTURE.width, PICTURE.height);
  const place = { picture: PICTURE, room: PICTURE, density };
  const width = PICTURE.width * density;
  const height = PICTURE.height * density;

  const overlay = document.createElement('canvas');
  const canvasRenderer = new CanvasRenderer(overlay);
  canvasRenderer.resize(place);
  canvasRenderer.draw(scene);
  const expected = pixels(width, height, (context) => {
    context.drawImage(ground, 0, 0, width, height);
    context.drawImage(overlay, 0, 0);
  });

  const answer = await openWallGpu(true);
  if (!answer.gpu) throw new Error(answer.reason);
  const canvas = document.createElement('canvas');
  let fail: (error: Error) => void = () => undefined;
  const wall = new GpuWall(canvas, answer.gpu, (reason) => fail(new Error(reason)));
  wall.resize(PICTURE.width + 40, PICTURE.height + 20, density);
  const tile = wall.tile(() => undefined);
  tile.resize(place);
  const drawn = await new Promise<ImageData>((resolve, reject) => {
    fail = reject;
    const onDrawn = (): void =>
      resolve(
        pixels(width, height, (context) => context.drawImage(canvas, -PICTURE.x * density, -PICTURE.y * density)),
      );
    tile.draw(scene, { video: new VideoFrame(ground, { timestamp: 0 }), onDrawn });
  });
  wall.close();
  answer.gpu.device.destroy();
  return difference(expected, drawn);
}

function pixels(width: number, height: number, draw: (context: OffscreenCanvasRenderingContext2D) => void): ImageData {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  draw(context);
  return context.getImageData(0, 0, width, height);
}

function difference(expected: ImageData, drawn: ImageData): Difference {
  let sum = 0;
  let far = 0;
  let overlay = 0;
  const count = expected.data.length / 4;
  for (let i = 0; i < count; i++) {
    let worst = 0;
    let fromGround = 0;
    for (let channel = 0; channel < 3; channel++) {
      const value = expected.data[4 * i + channel]!;
      const off = Math.abs(value - drawn.data[4 * i + channel]!);
      sum += off / 3;
      worst = Math.max(worst, off);
      fromGround = Math.max(fromGround, Math.abs(value - 0x80));
    }
    if (worst > 48) far++;
    if (fromGround > 8) overlay++;
  }
  return {
    meanAbsolute: sum / count,
    farShare: far / count,
    overlayShare: overlay / count,
    canvas: dataUrl(expected),
    webgpu: dataUrl(drawn),
  };
}

function dataUrl(image: ImageData): string {
  const canvas = document.createElement('canvas');
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas.toDataURL('image/png');
}
