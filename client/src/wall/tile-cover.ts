import type { StreamWords } from '../state/stream-words.js';

/** What is said in the place of a picture. */
export interface Cover {
  title: string;
  text: string | null;
  advice: string | null;
}

/** A picture that stands for longer is covered: it may look like now, and is not. */
const SILENT_MS = 3000;

/**
 * What covers a tile's picture; null while it can be seen as it is. `figures`: of its video over WebRTC, frames shown and
 * milliseconds since the last; null before the first.
 */
export function coverOf(
  words: StreamWords,
  asMjpeg: boolean,
  figures: { presented: number; silentMs: number } | null,
): Cover | null {
  if (words.tone !== 'live') return { title: words.state, text: words.reason, advice: words.advice };
  if (asMjpeg) return null;
  if (!figures?.presented) return { title: 'connecting', text: 'Video is on its way', advice: null };
  if (figures.silentMs <= SILENT_MS) return null;
  return {
    title: 'stalled',
    text: `No frame for ${Math.round(figures.silentMs / 1000)} s, though the camera is live`,
    advice: 'The connection to the server is checked and made anew by itself.',
  };
}
