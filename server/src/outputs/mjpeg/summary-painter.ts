import type { Canvas } from './canvas.js';
import { THEME } from './colour.js';
import type { GlyphAtlas } from './glyphs.js';
import { dateText, timeText } from './labels.js';
import type { Rect } from './layout.js';
import { tileStyle } from './tile-painter.js';

/** What the first spare cell of a grid says. */
export interface Summary {
  streams: number;
  live: number;
  /** Tracks on the pictures that the grid shows. */
  tracks: number;
  nowEpochMs: number;
}

/** Fills a spare cell; with a summary, writes the time and the totals into it. */
export function paintSpare(canvas: Canvas, atlas: GlyphAtlas, cell: Rect, summary: Summary | null): void {
  canvas.clip(cell);
  canvas.fill(cell.x, cell.y, cell.width, cell.height, THEME.panel);
  if (summary) {
    const { strip, title } = tileStyle(atlas, cell.width);
    const lines = [
      { font: strip, text: 'LANECAST', colour: THEME.muted },
      { font: title, text: timeText(summary.nowEpochMs), colour: THEME.text },
      { font: strip, text: dateText(summary.nowEpochMs), colour: THEME.muted },
      {
        font: strip,
        text: `${summary.live} of ${summary.streams} live`,
        colour: summary.live === summary.streams ? THEME.live : THEME.lost,
      },
      { font: strip, text: `${summary.tracks} ${summary.tracks === 1 ? 'vehicle' : 'vehicles'}`, colour: THEME.text },
    ];
    const height = lines.reduce((sum, { font }) => sum + font.lineHeightPx + 3, 0);
    let y = cell.y + Math.max(2, Math.round((cell.height - height) / 2));
    for (const { font, text, colour } of lines) {
      font.draw(canvas, cell.x + Math.round((cell.width - font.measure(text)) / 2), y, text, colour);
      y += font.lineHeightPx + 3;
    }
  }
  canvas.clip();
}
