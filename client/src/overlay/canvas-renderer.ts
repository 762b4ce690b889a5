import { classColour } from './class-colours.js';
import type { MatchKind } from './frame-matcher.js';
import type { FrameTrack } from './frame-message.js';
import { type LabelRequest, placeLabels } from './label-placement.js';
import type { OverlayScene, TileRenderer } from './renderer.js';
import { trackLabel } from './track-label.js';
import { TRAIL_US, type TrailPoint } from './trails.js';

const FONT = 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif';
const PLATE = 'rgba(6, 9, 13, 0.84)';
const HALO = 'rgba(0, 0, 0, 0.55)';
/** Below this width of the picture labels hold the speed only. */
const COMPACT_BELOW_PX = 560;
/** A box as wide as so many letters are high gets its full label. */
const FULL_LABEL_FROM = 3;

interface Part {
  text: string;
  font: string;
  colour: string;
  widthPx: number;
}

interface Label extends LabelRequest {
  parts: Part[];
  track: FrameTrack;
}

/** Boxes, trails and labels with Canvas 2D, on a canvas that lies exactly on the video. */
export class CanvasRenderer implements TileRenderer {
  readonly name = 'video + Canvas 2D';
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  readonly #widths = new Map<string, number>();
  #width = 0;
  #height = 0;
  #blank = true;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
  }

  resize(widthPx: number, heightPx: number, density: number): void {
    const width = Math.max(1, Math.round(widthPx * density));
    const height = Math.max(1, Math.round(heightPx * density));
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#width = widthPx;
    this.#height = heightPx;
    this.#context?.setTransform(width / Math.max(1, widthPx), 0, 0, height / Math.max(1, heightPx), 0, 0);
  }

  draw(scene: OverlayScene): void {
    const context = this.#context;
    if (!context || this.#width < 1) return;
    this.clear();
    const { match, style } = scene;
    if (match.tracks.length === 0) return;
    this.#blank = false;
    context.lineJoin = 'round';
    if (style.trails && match.ptsUs !== null)
      for (const track of match.tracks) this.#drawTrail(context, scene.trail(track), track, match.ptsUs);
    for (const track of match.tracks) this.#drawBox(context, track, match.kind);
    if (style.labels) this.#drawLabels(context, match.tracks);
  }

  clear(): void {
    if (this.#blank) return;
    this.#context?.clearRect(0, 0, this.#width, this.#height);
    this.#blank = true;
  }

  close(): void {
    this.clear();
    this.#widths.clear();
  }

  #drawTrail(context: CanvasRenderingContext2D, trail: readonly TrailPoint[], track: FrameTrack, nowUs: number): void {
    if (trail.length === 0) return;
    context.strokeStyle = classColour(track.className);
    context.lineWidth = this.#width < COMPACT_BELOW_PX ? 1.5 : 2.5;
    context.lineCap = 'round';
    const end = { ptsUs: nowUs, x: track.x + track.width / 2, y: track.y + track.height };
    const points = [...trail, end];
    // A few strokes of falling strength instead of one per point.
    const bands = 5;
    for (let band = 0; band < bands; band++) {
      const from = nowUs - (TRAIL_US * (band + 1)) / bands;
      const to = nowUs - (TRAIL_US * band) / bands;
      context.globalAlpha = 0.75 * (1 - band / bands) ** 1.5;
      context.beginPath();
      let drawing = false;
      for (let i = 1; i < points.length; i++) {
        const point = points[i]!;
        if (point.ptsUs <= from || point.ptsUs > to) {
          drawing = false;
          continue;
        }
        const previous = points[i - 1]!;
        if (!drawing) context.moveTo(previous.x * this.#width, previous.y * this.#height);
        context.lineTo(point.x * this.#width, point.y * this.#height);
        drawing = true;
      }
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  #drawBox(context: CanvasRenderingContext2D, track: FrameTrack, kind: MatchKind): void {
    const compact = this.#width < COMPACT_BELOW_PX;
    const x = track.x * this.#width;
    const y = track.y * this.#height;
    const width = track.width * this.#width;
    const height = track.height * this.#height;
    // A dark halo under the colour keeps the box visible on snow and on headlights.
    context.setLineDash([]);
    context.strokeStyle = HALO;
    context.lineWidth = compact ? 3 : 4;
    context.strokeRect(x, y, width, height);
    // Between two measured boxes is fainter, carried on without a second one is dashed.
    if (kind === 'interpolated') context.globalAlpha = 0.7;
    else if (!track.measured) context.setLineDash([5, 4]);
    context.strokeStyle = classColour(track.className);
    context.lineWidth = compact ? 1.5 : 2;
    context.strokeRect(x, y, width, height);
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  #drawLabels(context: CanvasRenderingContext2D, tracks: readonly FrameTrack[]): void {
    const labels = tracks.map((track) => this.#label(context, track)).filter((label) => label !== null);
    const places = placeLabels(labels, { x: 0, y: 0, width: this.#width, height: this.#height });
    context.textBaseline = 'middle';
    labels.forEach(({ parts, track }, i) => {
      const place = places[i];
      if (!place) return;
      context.fillStyle = PLATE;
      context.beginPath();
      context.roundRect(place.x, place.y, place.width, place.height, 3);
      context.fill();
      context.fillStyle = classColour(track.className);
      context.fillRect(place.x, place.y + 1, 2.5, place.height - 2);
      let x = place.x + 7;
      for (const { text, font, colour, widthPx } of parts) {
        context.font = font;
        context.fillStyle = colour;
        context.fillText(text, x, place.y + place.height / 2 + 0.5);
        x += widthPx + 4;
      }
    });
  }

  /** null: a box too small for words of any use. */
  #label(context: CanvasRenderingContext2D, track: FrameTrack): Label | null {
    const compact = this.#width < COMPACT_BELOW_PX;
    const { speed, uncertainty, unit, name } = trackLabel(track);
    // In a small picture words are for what moves.
    if (compact && (!speed || speed === '0')) return null;
    const size = compact ? 11 : Math.min(16, Math.max(12.5, this.#width / 75));
    const parts: Part[] = [];
    const write = (text: string, weight: number, scale: number, colour: string): void => {
      if (!text) return;
      const font = `${weight} ${(size * scale).toFixed(1)}px ${FONT}`;
      parts.push({ text, font, colour, widthPx: this.#textWidth(context, text, font) });
    };
    const box = {
      x: track.x * this.#width,
      y: track.y * this.#height,
      width: track.width * this.#width,
      height: track.height * this.#height,
    };
    write(speed, 650, 1, '#ffffff');
    // A far vehicle's label would hide those around it: its speed alone, or its number.
    const far = box.width < FULL_LABEL_FROM * size;
    if (!compact && !(far && speed)) {
      write(uncertainty, 450, 0.85, '#b9c4cf');
      write(unit, 450, 0.85, '#b9c4cf');
      write(far ? `#${track.id}` : name, 450, 0.85, classColour(track.className));
    }
    const width = parts.reduce((sum, part) => sum + part.widthPx + 4, 0) + 8;
    // Near vehicles first: they are the large ones. A foretold box gives way.
    const priority = box.width * box.height * (track.measured ? 1 : 0.5);
    return { parts, track, box, width, height: Math.round(size * 1.45), priority };
  }

  #textWidth(context: CanvasRenderingContext2D, text: string, font: string): number {
    const key = `${font}|${text}`;
    let width = this.#widths.get(key);
    if (width === undefined) {
      context.font = font;
      width = context.measureText(text).width;
      if (this.#widths.size > 2000) this.#widths.clear();
      this.#widths.set(key, width);
    }
    return width;
  }
}
