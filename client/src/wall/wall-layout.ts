/** How many columns and rows a wall of tiles gets, and how large its pictures become. Pure; CSS pixels. */

export interface WallOptions {
  /** Width over height of the pictures. */
  aspect: number;
  gapPx: number;
  /** Height of the line of figures below each picture. */
  captionPx: number;
  /** Pictures narrower than this are of no use: the wall scrolls instead. */
  minPicturePx: number;
  /** Up to this width of the window there is one column (a phone held upright). */
  oneColumnUpToPx: number;
}

export const WALL_DEFAULTS: WallOptions = {
  aspect: 16 / 9,
  gapPx: 6,
  captionPx: 26,
  minPicturePx: 200,
  oneColumnUpToPx: 620,
};

export interface WallLayout {
  columns: number;
  rows: number;
  /** Every cell has this size; together with the gaps they fill the window. */
  cellWidthPx: number;
  cellHeightPx: number;
  /** The picture inside a cell, above its caption. */
  pictureWidthPx: number;
  pictureHeightPx: number;
  /** Cells of the last row that no tile takes: room for the overview. */
  freeCells: number;
  /** The wall is taller than the window. */
  scrolls: boolean;
}

/**
 * The rows x columns whose pictures are largest in a window of `widthPx` x `heightPx`; of equals, the one with fewer
 * free cells, then the wider one. Cells are stretched to fill the window. Where the pictures would become too small, or on a phone, the wall
 * scrolls and cells are as high as their picture.
 */
export function layOutWall(count: number, widthPx: number, heightPx: number, options = WALL_DEFAULTS): WallLayout {
  const tiles = Math.max(1, Math.floor(count));
  if (widthPx <= options.oneColumnUpToPx && widthPx < heightPx && tiles > 1)
    return scrolling(tiles, widthPx, 1, options);
  let best: WallLayout | null = null;
  for (let columns = 1; columns <= tiles; columns++) {
    const rows = Math.ceil(tiles / columns);
    // Five tiles in 4 columns would leave a row nearly empty that 3 columns fill: same rows, wider cells.
    if (columns > 1 && Math.ceil(tiles / (columns - 1)) === rows) continue;
    const candidate = fitted(tiles, columns, rows, widthPx, heightPx, options);
    if (best === null || isBetter(candidate, best)) best = candidate;
  }
  if (best!.pictureWidthPx >= options.minPicturePx || tiles === 1) return best!;
  const columns = Math.max(1, Math.floor((widthPx + options.gapPx) / (options.minPicturePx + options.gapPx)));
  return scrolling(tiles, widthPx, Math.min(columns, tiles), options);
}

function fitted(tiles: number, columns: number, rows: number, width: number, height: number, o: WallOptions) {
  const cellWidthPx = Math.max(0, (width - (columns - 1) * o.gapPx) / columns);
  const cellHeightPx = Math.max(0, (height - (rows - 1) * o.gapPx) / rows);
  const pictureWidthPx = Math.max(0, Math.min(cellWidthPx, (cellHeightPx - o.captionPx) * o.aspect));
  const pictureHeightPx = pictureWidthPx / o.aspect;
  const freeCells = columns * rows - tiles;
  return { columns, rows, cellWidthPx, cellHeightPx, pictureWidthPx, pictureHeightPx, freeCells, scrolls: false };
}

function scrolling(tiles: number, width: number, columns: number, o: WallOptions): WallLayout {
  const cellWidthPx = (width - (columns - 1) * o.gapPx) / columns;
  const pictureHeightPx = cellWidthPx / o.aspect;
  const rows = Math.ceil(tiles / columns);
  return {
    columns,
    rows,
    cellWidthPx,
    cellHeightPx: pictureHeightPx + o.captionPx,
    pictureWidthPx: cellWidthPx,
    pictureHeightPx,
    freeCells: columns * rows - tiles,
    scrolls: true,
  };
}

function isBetter(a: WallLayout, b: WallLayout): boolean {
  const gain = a.pictureWidthPx / b.pictureWidthPx;
  if (gain > 1.02) return true;
  return gain > 0.98 && a.freeCells <= b.freeCells;
}

/**
 * Where a picture of `aspect` lies inside a box, as `object-fit: contain` puts it: the overlay must lie exactly there.
 */
export function containedRect(aspect: number, widthPx: number, heightPx: number) {
  const width = Math.min(widthPx, heightPx * aspect);
  const height = width / aspect;
  return { x: (widthPx - width) / 2, y: (heightPx - height) / 2, width, height };
}
