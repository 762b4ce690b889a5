/** Where the tiles of a view lie. Every coordinate and size is even, since I420 subsamples chroma by two. */

/** Pixels of the view; `x` and `y` are the top left corner. */
export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A cell holds one stream; its picture has the source's aspect ratio and lies centred in it. */
export interface TileLayout {
  cell: Rect;
  picture: Rect;
}

export interface GridLayout {
  tiles: TileLayout[];
  /** Cells that no stream fills, in reading order. */
  spare: Rect[];
}

/** Size of a source picture; zero while it is not known. */
export interface SourceSize {
  width: number;
  height: number;
}

const GAP_PX = 4;
const CELL_ASPECT = 16 / 9;
const SINGLE_MAX_WIDTH_PX = 1280;
const SINGLE_MAX_HEIGHT_PX = 1280;

const evenFloor = (value: number): number => 2 * Math.floor(value / 2);
const evenRound = (value: number): number => 2 * Math.round(value / 2);

/** The largest even-sized, centred rectangle of the given aspect ratio inside `outer`. */
export function fitInside(outer: Rect, aspect: number): Rect {
  const width = Math.min(outer.width, Math.max(2, evenRound(outer.height * aspect)));
  const height = Math.min(outer.height, Math.max(2, evenRound(outer.width / aspect)));
  return {
    x: outer.x + evenFloor((outer.width - width) / 2),
    y: outer.y + evenFloor((outer.height - height) / 2),
    width,
    height,
  };
}

/** The number of columns that gives `count` 16:9 cells the largest area; of equals, the one with fewest spare cells, then the widest. */
export function gridColumns(count: number, widthPx: number, heightPx: number): number {
  let best = 1;
  let bestWidth = 0;
  let bestSpare = 0;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const width = Math.min(widthPx / columns, (heightPx / rows) * CELL_ASPECT);
    const spare = columns * rows - count;
    if (width > bestWidth + 0.5 || (width > bestWidth - 0.5 && spare <= bestSpare)) {
      best = columns;
      bestWidth = width;
      bestSpare = spare;
    }
  }
  return best;
}

/** A near-square grid of 16:9 cells, centred in `widthPx` x `heightPx` (both even), one for each source. */
export function gridLayout(sources: readonly SourceSize[], widthPx: number, heightPx: number): GridLayout {
  const count = Math.max(1, sources.length);
  const columns = gridColumns(count, widthPx, heightPx);
  const rows = Math.ceil(count / columns);
  const slotWidth = evenFloor((widthPx - GAP_PX * (columns - 1)) / columns);
  const slotHeight = evenFloor((heightPx - GAP_PX * (rows - 1)) / rows);
  const size = fitInside({ x: 0, y: 0, width: slotWidth, height: slotHeight }, CELL_ASPECT);
  // A pixel or two of rounding must not leave a seam: a cell takes its whole slot where the ratio is nearly right.
  const cellWidth = slotWidth - size.width <= 8 ? slotWidth : size.width;
  const cellHeight = slotHeight - size.height <= 8 ? slotHeight : size.height;
  const left = evenFloor((widthPx - columns * cellWidth - (columns - 1) * GAP_PX) / 2);
  const top = evenFloor((heightPx - rows * cellHeight - (rows - 1) * GAP_PX) / 2);
  const cells = Array.from({ length: columns * rows }, (_, index) => ({
    x: left + (index % columns) * (cellWidth + GAP_PX),
    y: top + Math.floor(index / columns) * (cellHeight + GAP_PX),
    width: cellWidth,
    height: cellHeight,
  }));
  return {
    tiles: sources.map((source, index) => ({ cell: cells[index]!, picture: pictureIn(cells[index]!, source) })),
    spare: cells.slice(sources.length),
  };
}

/** A view of one stream: its own aspect ratio, at most 1280 pixels wide or high, never enlarged. 16:9 while unknown. */
export function singleLayout(source: SourceSize): { width: number; height: number; tile: TileLayout } {
  const known = source.width > 0 && source.height > 0;
  const [width, height] = known ? [source.width, source.height] : [SINGLE_MAX_WIDTH_PX, 720];
  const scale = Math.min(1, SINGLE_MAX_WIDTH_PX / width, SINGLE_MAX_HEIGHT_PX / height);
  const cell = {
    x: 0,
    y: 0,
    width: Math.max(16, evenRound(width * scale)),
    height: Math.max(16, evenRound(height * scale)),
  };
  return { width: cell.width, height: cell.height, tile: { cell, picture: cell } };
}

function pictureIn(cell: Rect, source: SourceSize): Rect {
  if (source.width <= 0 || source.height <= 0) return cell;
  const picture = fitInside(cell, source.width / source.height);
  // The same tolerance: hair-thin bars beside a picture look like a fault.
  if (cell.width - picture.width <= 8 && cell.height - picture.height <= 8) return cell;
  return picture;
}
