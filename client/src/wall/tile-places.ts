import { layOutWall, WALL_DEFAULTS, type WallOptions } from './wall-layout.js';

/** Where a tile lies inside the wall, CSS pixels. */
export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** How much a tile tells about itself. */
export type TileSize = 'full' | 'tile' | 'mini';

export interface WallPlaces {
  tiles: { place: Place; size: TileSize }[];
  /** Room that no tile takes, for the overview; null if there is none worth it. */
  overview: Place | null;
  /** Greater than the window where the wall scrolls. */
  contentHeightPx: number;
}

const STRIP_MAX_PX = 230;
const STRIP_MIN_PX = 120;
const MINI_CAPTION_PX = 22;
/** The focused tile's line of figures is a panel with words. */
export const FULL_CAPTION_PX = 92;

/**
 * The place of every tile: the wall, or with `focused` (an index) one large tile and the others as a strip beside it;
 * below it on a phone. The same tiles only move, so that no video starts anew.
 */
export function placeTiles(
  count: number,
  focused: number | null,
  widthPx: number,
  heightPx: number,
  options: WallOptions = WALL_DEFAULTS,
): WallPlaces {
  if (focused !== null && focused >= 0 && focused < count)
    return widthPx <= options.oneColumnUpToPx && widthPx < heightPx
      ? focusAbove(count, focused, widthPx, heightPx, options)
      : focusBeside(count, focused, widthPx, heightPx, options);
  return wall(count, widthPx, heightPx, options);
}

/** Less room than this is not worth an overview. */
const OVERVIEW_MIN_HEIGHT_PX = 150;
const OVERVIEW_MIN_WIDTH_PX = 280;

function wall(count: number, widthPx: number, heightPx: number, o: WallOptions): WallPlaces {
  const layout = layOutWall(count, widthPx, heightPx, o);
  const { columns, rows, freeCells, scrolls } = layout;
  let { cellWidthPx: width, cellHeightPx: height } = layout;
  let overview: Place | null = null;
  // Pictures have their own shape: what a row or column of cells leaves of the window goes to the overview.
  const spareHeight = rows * (height - o.captionPx - layout.pictureHeightPx) - o.gapPx;
  const spareWidth = columns * (width - layout.pictureWidthPx) - o.gapPx;
  if (!scrolls && freeCells === 0 && spareHeight >= OVERVIEW_MIN_HEIGHT_PX) {
    height = layout.pictureHeightPx + o.captionPx;
    overview = { x: 0, y: rows * (height + o.gapPx), width: widthPx, height: spareHeight };
  } else if (!scrolls && freeCells === 0 && spareWidth >= OVERVIEW_MIN_WIDTH_PX) {
    width = layout.pictureWidthPx;
    overview = { x: columns * (width + o.gapPx), y: 0, width: spareWidth, height: heightPx };
  }
  const step = { x: width + o.gapPx, y: height + o.gapPx };
  const tiles = Array.from({ length: count }, (_, i) => ({
    place: { x: (i % columns) * step.x, y: Math.floor(i / columns) * step.y, width, height },
    size: 'tile' as const,
  }));
  if (!scrolls && freeCells > 0) {
    const x = (columns - freeCells) * step.x;
    overview = { x, y: (rows - 1) * step.y, width: widthPx - x, height };
  }
  return { tiles, overview, contentHeightPx: scrolls ? rows * step.y - o.gapPx : heightPx };
}

/** The strip on the side that leaves the focused picture larger. */
function focusBeside(count: number, focused: number, width: number, height: number, o: WallOptions): WallPlaces {
  const others = count - 1;
  if (others === 0)
    return { tiles: [{ place: { x: 0, y: 0, width, height }, size: 'full' }], overview: null, contentHeightPx: height };
  const column = stripCells(others, height, o);
  const right = { x: 0, y: 0, width: width - column.columns * (column.width + o.gapPx), height };
  const row = stripRow(others, width, o);
  const below = { x: 0, y: 0, width, height: height - row.height - o.gapPx };
  if (row.width >= STRIP_MIN_PX && pictureWidth(below, o) > pictureWidth(right, o))
    return places(count, focused, below, height, (i) => ({
      x: i * (row.width + o.gapPx),
      y: below.height + o.gapPx,
      width: row.width,
      height: row.height,
    }));
  // A small window and many cameras: the others go below, where there is room to scroll.
  if (right.width < width / 2) return focusAbove(count, focused, width, height, o);
  const stripHeight = Math.ceil(others / column.columns) * (column.height + o.gapPx) - o.gapPx;
  const beside = places(count, focused, right, Math.max(height, stripHeight), (i) => ({
    x: right.width + o.gapPx + (i % column.columns) * (column.width + o.gapPx),
    y: Math.floor(i / column.columns) * (column.height + o.gapPx),
    width: column.width,
    height: column.height,
  }));
  const y = stripHeight + o.gapPx;
  if (column.columns === 1 && height - y >= OVERVIEW_MIN_HEIGHT_PX + 80)
    beside.overview = { x: right.width + o.gapPx, y, width: column.width, height: height - y };
  return beside;
}

function pictureWidth(place: Place, o: WallOptions): number {
  return Math.min(place.width, (place.height - FULL_CAPTION_PX) * o.aspect);
}

function stripRow(others: number, width: number, o: WallOptions) {
  const cell = Math.min(STRIP_MAX_PX, (width - (others - 1) * o.gapPx) / others);
  return { width: cell, height: cell / o.aspect + MINI_CAPTION_PX };
}

/** As few columns as leave the small pictures large enough to recognise. */
function stripCells(others: number, height: number, o: WallOptions) {
  for (let columns = 1; ; columns++) {
    const rows = Math.ceil(others / columns);
    const roomPx = (height - (rows - 1) * o.gapPx) / rows - MINI_CAPTION_PX;
    const width = Math.min(STRIP_MAX_PX, roomPx * o.aspect);
    if (width >= STRIP_MIN_PX || columns >= 4 || columns >= others) {
      const kept = Math.max(40, width);
      return { columns, width: kept, height: kept / o.aspect + MINI_CAPTION_PX };
    }
  }
}

function focusAbove(count: number, focused: number, width: number, height: number, o: WallOptions): WallPlaces {
  const main = { x: 0, y: 0, width, height: width / o.aspect + FULL_CAPTION_PX + 40 };
  const cellWidth = (width - o.gapPx) / 2;
  const cellHeight = cellWidth / o.aspect + MINI_CAPTION_PX;
  const rows = Math.ceil((count - 1) / 2);
  const content = main.height + rows * (cellHeight + o.gapPx);
  return places(count, focused, main, Math.max(height, content), (i) => ({
    x: (i % 2) * (cellWidth + o.gapPx),
    y: main.height + o.gapPx + Math.floor(i / 2) * (cellHeight + o.gapPx),
    width: cellWidth,
    height: cellHeight,
  }));
}

function places(
  count: number,
  focused: number,
  main: Place,
  contentHeightPx: number,
  other: (i: number) => Place,
): WallPlaces {
  const tiles = Array.from({ length: count }, (_, i) =>
    i === focused
      ? { place: main, size: 'full' as const }
      : { place: other(i < focused ? i : i - 1), size: 'mini' as const },
  );
  return { tiles, overview: null, contentHeightPx };
}
