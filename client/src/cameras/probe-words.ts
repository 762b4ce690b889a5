import { bitrateText, rateText } from '../state/stream-words.js';
import type { ProbedVideo } from './camera-types.js';

/** What a camera sends, in a line. */
export function videoText({ codec, width, height, fps, kbps }: ProbedVideo): string {
  const parts = [codec === 'h265' ? 'H.265' : 'H.264'];
  if (width !== null && height !== null) parts.push(`${width}×${height}`);
  if (fps !== null) parts.push(`${rateText(fps)} fps`);
  if (kbps !== null) parts.push(bitrateText(kbps));
  return parts.join(', ');
}

/** What is worth knowing of it before it is saved. */
export function videoNotes({ codec, width, reordered, tooLarge, packetsLost }: ProbedVideo): string[] {
  const notes: string[] = [];
  if (tooLarge)
    notes.push('The pictures are larger than ingest.maxPicturePixels allows: choose a smaller stream of the camera.');
  if (codec === 'h265' || reordered)
    notes.push(
      `Browsers cannot play ${codec === 'h265' ? 'H.265' : 'B-frames'} over WebRTC: the server encodes it anew while somebody watches. A stream in H.264 without B-frames costs less.`,
    );
  if (width === null) notes.push('No keyframe came in time, so the size is not known yet.');
  if (packetsLost > 0) notes.push(`${packetsLost} packets were lost on the way: TCP may serve better.`);
  return notes;
}
