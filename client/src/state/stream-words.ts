import type { StreamInfo } from './server-types.js';

export type Tone = 'live' | 'warn' | 'bad';

/** A stream's state in words, with what an operator can do about it. */
export interface StreamWords {
  tone: Tone;
  /** One word for the caption. */
  state: string;
  /** null while the picture can be shown as it is. */
  reason: string | null;
  advice: string | null;
}

const ADVICE: Readonly<Record<StreamInfo['state'], string>> = {
  connecting: 'The first picture comes as soon as the camera sends a keyframe.',
  live: '',
  stalled: 'The camera is connected but sends nothing; it is asked anew by itself.',
  backoff: 'It is retried by itself. Is the camera powered, and reachable from the server?',
  failed: 'Retrying alone will not mend this; it is retried all the same, at longer intervals.',
};

/** What to say of a stream as the server sees it. */
export function streamWords(stream: Pick<StreamInfo, 'state' | 'reason'>): StreamWords {
  const { state } = stream;
  if (state === 'live') return { tone: 'live', state: 'live', reason: null, advice: null };
  const tone = state === 'failed' ? 'bad' : 'warn';
  const word = state === 'backoff' ? 'offline' : state;
  return { tone, state: word, reason: stream.reason?.message ?? null, advice: ADVICE[state] };
}

/** `1.2 Mbit/s`, `840 kbit/s`. */
export function bitrateText(kbps: number): string {
  if (kbps >= 10_000) return `${(kbps / 1000).toFixed(0)} Mbit/s`;
  if (kbps >= 1000) return `${(kbps / 1000).toFixed(1)} Mbit/s`;
  return `${Math.round(kbps)} kbit/s`;
}

/** `7.4`, `25`: one decimal where it says something. */
export function rateText(rate: number): string {
  return rate >= 9.95 ? String(Math.round(rate)) : rate.toFixed(1);
}
