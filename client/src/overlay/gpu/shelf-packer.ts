/** A place in a texture, texels. */
export interface Spot {
  x: number;
  y: number;
}

interface Shelf {
  y: number;
  height: number;
  usedWidth: number;
}

/** Keeps neighbours from bleeding into each other. */
const GAP = 1;

/**
 * Places small rectangles of similar heights in a square, row by row ("shelves"), each in the lowest row that it fits
 * without wasting half of it. Nothing is ever freed singly: `clear` begins anew. Pure.
 */
export class ShelfPacker {
  readonly #side: number;
  #shelves: Shelf[] = [];
  #usedHeight = 0;

  constructor(side: number) {
    this.#side = side;
  }

  /** null: there is no room left. */
  place(width: number, height: number): Spot | null {
    let best: Shelf | null = null;
    for (const shelf of this.#shelves) {
      const fits = shelf.height >= height && height * 2 > shelf.height && shelf.usedWidth + width <= this.#side;
      if (fits && (best === null || shelf.height < best.height)) best = shelf;
    }
    if (!best) {
      if (width > this.#side || this.#usedHeight + height > this.#side) return null;
      best = { y: this.#usedHeight, height, usedWidth: 0 };
      this.#shelves.push(best);
      this.#usedHeight += height + GAP;
    }
    const spot = { x: best.usedWidth, y: best.y };
    best.usedWidth += width + GAP;
    return spot;
  }

  clear(): void {
    this.#shelves = [];
    this.#usedHeight = 0;
  }
}
