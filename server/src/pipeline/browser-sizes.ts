export interface ModelSize {
  width: number;
  height: number;
}

/** Widths that a browser may choose from beside the server's own, largest first: for weaker GPUs, and for none. */
const SMALLER_WIDTHS = [416, 320];
const STRIDE = 32;

/**
 * The model-input sizes offered to browsers, largest first: the server's own, and smaller ones of its shape (a multiple
 * of 32 pixels high, rounded up, so that a picture keeps its whole width).
 */
export function browserSizes(own: ModelSize): ModelSize[] {
  const smaller = SMALLER_WIDTHS.filter((width) => width < own.width).map((width) => ({
    width,
    height: STRIDE * Math.ceil((width * own.height) / own.width / STRIDE),
  }));
  return [own, ...smaller];
}
