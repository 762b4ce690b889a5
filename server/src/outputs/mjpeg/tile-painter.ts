import type { Letterbox } from '../../core/geometry.js';
import { toModel } from '../../core/geometry.js';
import type { PublishedTrack } from '../../core/types.js';
import type { Canvas } from './canvas.js';
import type { Colour } from './colour.js';
import { THEME, trackColour } from './colour.js';
import type { Font, GlyphAtlas } from './glyphs.js';
import { placeLabel, shortTrackLabel, trackLabel } from './labels.js';
import type { Rect } from './layout.js';
import type { Outage, TileStatus } from './tile-status.js';

const PLATE_ALPHA = 200;
const STRIP_ALPHA = 165;
const PADDING_PX = 4;
const BAR_PX = 2;

/** Sizes of everything that is drawn on a tile, from the tile's width. */
export interface TileStyle {
  strip: Font;
  label: Font;
  title: Font;
  /** Small tiles leave the class out of labels and the drop rate out of the strip. */
  compact: boolean;
}

/** Letters grow with the tile: 10 px on a tile of 160, 18 px on one of 1280. */
export function tileStyle(atlas: GlyphAtlas, widthPx: number): TileStyle {
  const base = widthPx < 240 ? 10 : widthPx < 560 ? 12 : widthPx < 1000 ? 14 : 18;
  return {
    strip: atlas.atMost(base),
    label: atlas.atMost(widthPx < 1000 ? base : 14),
    title: atlas.atMost(widthPx < 240 ? 12 : widthPx < 560 ? 18 : 26),
    compact: widthPx < 240,
  };
}

/** Draws boxes and their labels over the picture that lies in `picture`; `content` maps source pixels into it. */
export function paintTracks(
  canvas: Canvas,
  style: TileStyle,
  tracks: readonly PublishedTrack[],
  content: Letterbox,
  picture: Rect,
  occupied: readonly Rect[],
): void {
  canvas.clip(picture);
  const placed = tracks.map((track) => ({ track, box: boxOnCanvas(track, content, picture) }));
  // Far vehicles first, so that near ones lie on top.
  placed.sort((a, b) => a.box.y + a.box.height - (b.box.y + b.box.height));
  for (const { track, box } of placed)
    canvas.outline(box.x, box.y, box.width, box.height, BAR_PX, trackColour(track.id));
  const taken = [...occupied];
  const boxes = placed.map(({ box }) => box);
  // Near vehicles have first choice of a label's place.
  for (const { track, box } of placed.reverse()) {
    const text = style.label.shorten(
      style.compact ? shortTrackLabel(track) : trackLabel(track),
      picture.width - 2 * PADDING_PX - BAR_PX,
    );
    if (text === '') continue;
    const width = style.label.measure(text) + 2 * PADDING_PX + BAR_PX - 2;
    const place = placeLabel(box, width, style.label.lineHeightPx + 1, picture, taken, boxes);
    if (!place) continue;
    taken.push(place);
    paintLabel(canvas, style.label, place, text, trackColour(track.id));
  }
  canvas.clip();
}

/** A track's box in canvas pixels, on even coordinates so that its colour is sharp. */
export function boxOnCanvas(track: PublishedTrack, content: Letterbox, picture: Rect): Rect {
  const [x, y, width, height] = track.box;
  const [x1, y1] = toModel(content, x, y);
  const [x2, y2] = toModel(content, x + width, y + height);
  const even = (value: number): number => 2 * Math.round(value / 2);
  const left = picture.x + even(x1);
  const top = picture.y + even(y1);
  return {
    x: left,
    y: top,
    width: Math.max(4, picture.x + even(x2) - left),
    height: Math.max(4, picture.y + even(y2) - top),
  };
}

function paintLabel(canvas: Canvas, font: Font, place: Rect, text: string, colour: Colour): void {
  canvas.fill(place.x, place.y, place.width, place.height, THEME.plate, PLATE_ALPHA);
  canvas.fill(place.x, place.y, BAR_PX, place.height, colour);
  font.draw(canvas, place.x + BAR_PX + PADDING_PX - 1, place.y, text, THEME.text);
}

/** The rectangle of the strip along the tile's top edge. */
export function stripRect(style: TileStyle, cell: Rect): Rect {
  return { x: cell.x, y: cell.y, width: cell.width, height: 2 * Math.ceil((style.strip.lineHeightPx + 4) / 2) };
}

/** State, name, frames per second and drop rate along the tile's top edge. */
export function paintStrip(canvas: Canvas, style: TileStyle, status: TileStatus, cell: Rect): void {
  const strip = stripRect(style, cell);
  const font = style.strip;
  const textY = strip.y + (strip.height - font.lineHeightPx) / 2;
  canvas.clip(strip);
  canvas.fill(strip.x, strip.y, strip.width, strip.height, THEME.plate, STRIP_ALPHA);
  const dot = 2 * Math.round(font.sizePx / 3 / 2 + 0.5);
  canvas.fill(
    strip.x + PADDING_PX + 2,
    strip.y + 2 * Math.round((strip.height - dot) / 4),
    dot,
    dot,
    stateColour(status),
  );
  const nameX = strip.x + PADDING_PX + 2 + dot + PADDING_PX + 1;
  const figures = stripFigures(status, style.compact);
  const figuresX = strip.x + strip.width - font.measure(figures) - PADDING_PX - 2;
  font.draw(canvas, figuresX, textY, figures, status.state === 'live' ? THEME.text : stateColour(status));
  font.draw(canvas, nameX, textY, font.shorten(status.streamId, figuresX - nameX - 2 * PADDING_PX), THEME.text);
  canvas.clip();
}

/** What stands at the right end of the strip. */
export function stripFigures(status: TileStatus, compact: boolean): string {
  if (status.state !== 'live') return status.state.toUpperCase();
  const fps = `${(Number.isFinite(status.fps) ? status.fps : 0).toFixed(1)} fps`;
  if (compact) return fps;
  const percent = 100 * (Number.isFinite(status.dropRate) ? status.dropRate : 0);
  return `${fps}   drop ${percent > 0 && percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

function stateColour(status: TileStatus): Colour {
  if (status.state === 'live') return THEME.live;
  return status.state === 'connecting' || status.state === 'stalled' ? THEME.waiting : THEME.lost;
}

/** Darkens the cell and says, centred, that and why there is no current picture. */
export function paintOutage(canvas: Canvas, style: TileStyle, outage: Outage, cell: Rect): void {
  canvas.clip(cell);
  canvas.fill(cell.x, cell.y, cell.width, cell.height, THEME.background, 190);
  const small = style.strip;
  const top = stripRect(style, cell).height;
  const roomPx = cell.height - top;
  const textWidth = Math.min(cell.width - 4 * PADDING_PX, 40 * small.sizePx);
  const lineRoom = Math.floor((roomPx - style.title.lineHeightPx - 2 * PADDING_PX) / (small.lineHeightPx + 1));
  const reason = small.wrap(outage.reason, textWidth, Math.max(0, Math.min(4, lineRoom - 1)));
  const since = lineRoom >= 1 ? small.shorten(outage.since, textWidth) : '';
  const height = style.title.lineHeightPx + (reason.length + (since ? 1 : 0)) * (small.lineHeightPx + 1);
  let y = cell.y + top + Math.max(0, Math.round((roomPx - height) / 2));
  const line = (font: Font, text: string, colour: Colour): void => {
    font.draw(canvas, cell.x + Math.round((cell.width - font.measure(text)) / 2), y, text, colour);
    y += font.lineHeightPx + (font === style.title ? 0 : 1);
  };
  line(
    style.title,
    style.title.shorten(outage.title, textWidth),
    outage.title === 'NO SIGNAL' ? THEME.lost : THEME.waiting,
  );
  for (const text of reason) line(small, text, THEME.text);
  if (since) line(small, since, THEME.muted);
  canvas.clip();
}
