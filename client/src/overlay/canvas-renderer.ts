import {
  type BoxShape,
  DASH_PX,
  HALO,
  type LabelShape,
  type MeasureText,
  overlayShapes,
  PLATE,
  PLATE_RADIUS_PX,
  STRIPE_PX,
  type TrailShape,
} from './overlay-shapes.js';
import type { OverlayScene, PicturePlace, TileRenderer } from './renderer.js';
import { textWidths } from './text-widths.js';

/** Boxes, trails and labels with Canvas 2D, on a canvas that lies exactly on the video. */
export class CanvasRenderer implements TileRenderer {
  readonly drawsVideo = false;
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  readonly #measure: MeasureText | null;
  #width = 0;
  #height = 0;
  #blank = true;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    this.#measure = this.#context && textWidths(this.#context);
  }

  resize({ picture, density }: PicturePlace): void {
    const width = Math.max(1, Math.round(picture.width * density));
    const height = Math.max(1, Math.round(picture.height * density));
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#width = picture.width;
    this.#height = picture.height;
    this.#context?.setTransform(width / Math.max(1, picture.width), 0, 0, height / Math.max(1, picture.height), 0, 0);
  }

  draw(scene: OverlayScene): void {
    const context = this.#context;
    if (!context || !this.#measure || this.#width < 1) return;
    this.clear();
    if (scene.match.tracks.length === 0) return;
    this.#blank = false;
    const { trails, boxes, labels } = overlayShapes(scene, this.#width, this.#height, this.#measure);
    context.lineJoin = 'round';
    context.lineCap = 'round';
    for (const trail of trails) drawTrail(context, trail);
    context.lineCap = 'butt';
    for (const box of boxes) drawBox(context, box);
    context.globalAlpha = 1;
    context.textBaseline = 'middle';
    for (const label of labels) drawLabel(context, label);
  }

  clear(): void {
    if (this.#blank) return;
    this.#context?.clearRect(0, 0, this.#width, this.#height);
    this.#blank = true;
  }

  close(): void {
    this.clear();
  }
}

function drawTrail(context: CanvasRenderingContext2D, { colour, alpha, widthPx, points }: TrailShape): void {
  context.strokeStyle = colour;
  context.globalAlpha = alpha;
  context.lineWidth = widthPx;
  context.beginPath();
  context.moveTo(points[0]!, points[1]!);
  for (let i = 2; i < points.length; i += 2) context.lineTo(points[i]!, points[i + 1]!);
  context.stroke();
}

function drawBox(context: CanvasRenderingContext2D, box: BoxShape): void {
  const { x, y, width, height } = box;
  context.globalAlpha = 1;
  context.strokeStyle = HALO;
  context.lineWidth = box.haloWidthPx;
  context.strokeRect(x, y, width, height);
  context.globalAlpha = box.alpha;
  context.strokeStyle = box.colour;
  context.lineWidth = box.lineWidthPx;
  if (box.dashed) context.setLineDash([...DASH_PX]);
  context.strokeRect(x, y, width, height);
  if (box.dashed) context.setLineDash([]);
}

function drawLabel(context: CanvasRenderingContext2D, { x, y, width, height, colour, runs }: LabelShape): void {
  context.fillStyle = PLATE;
  context.beginPath();
  context.roundRect(x, y, width, height, PLATE_RADIUS_PX);
  context.fill();
  context.fillStyle = colour;
  context.fillRect(x, y + 1, STRIPE_PX, height - 2);
  for (const run of runs) {
    context.font = run.font;
    context.fillStyle = run.colour;
    context.fillText(run.text, run.x, run.y);
  }
}
