import type { MeasureText } from './overlay-shapes.js';

/** Widths kept: labels use few words, speeds and numbers. */
const CAPACITY = 2000;

/** Measures texts with a 2D context, each of them once. */
export function textWidths(context: Pick<CanvasRenderingContext2D, 'font' | 'measureText'>): MeasureText {
  const widths = new Map<string, number>();
  return (text, font) => {
    const key = `${font}|${text}`;
    let width = widths.get(key);
    if (width === undefined) {
      context.font = font;
      width = context.measureText(text).width;
      if (widths.size >= CAPACITY) widths.clear();
      widths.set(key, width);
    }
    return width;
  };
}
