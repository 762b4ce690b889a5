/** Letterbox geometry: where a source picture lies inside a model input. All values in pixels. */
export interface Letterbox {
  sourceWidth: number;
  sourceHeight: number;
  /** Even, so that chroma planes line up. */
  contentX: number;
  contentY: number;
  /** Even. */
  contentWidth: number;
  contentHeight: number;
}

const even = (value: number): number => Math.max(2, 2 * Math.round(value / 2));

/**
 * The largest even-sized, centred picture with the source's aspect ratio inside `width` x `height` (both even).
 * Offsets are even too, since NV12 subsamples chroma by two.
 */
export function letterbox(sourceWidth: number, sourceHeight: number, width: number, height: number): Letterbox {
  const scale = Math.min(width / sourceWidth, height / sourceHeight);
  const contentWidth = Math.min(width, even(sourceWidth * scale));
  const contentHeight = Math.min(height, even(sourceHeight * scale));
  return {
    sourceWidth,
    sourceHeight,
    contentX: 2 * Math.floor((width - contentWidth) / 4),
    contentY: 2 * Math.floor((height - contentHeight) / 4),
    contentWidth,
    contentHeight,
  };
}

/** Model-input pixels to source pixels, per axis (rounding the content to even sizes makes the axes differ a little). */
export function toSource(box: Letterbox, x: number, y: number): [number, number] {
  return [
    ((x - box.contentX) * box.sourceWidth) / box.contentWidth,
    ((y - box.contentY) * box.sourceHeight) / box.contentHeight,
  ];
}

/** Source pixels to model-input pixels; the inverse of `toSource`. */
export function toModel(box: Letterbox, x: number, y: number): [number, number] {
  return [
    (x * box.contentWidth) / box.sourceWidth + box.contentX,
    (y * box.contentHeight) / box.sourceHeight + box.contentY,
  ];
}
