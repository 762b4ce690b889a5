import { get } from 'node:http';
import type { TrackMessage } from '@lanecast/server/core/types';

/** The newest PTS of each stream that sends tracks within `ms`. */
export function ptsOf(url: string, ms: number): Promise<Map<string, number>> {
  return new Promise((resolve, reject) => {
    const newest = new Map<string, number>();
    let text = '';
    const asked = get(`${url}/api/tracks`, { agent: false }, (response) => {
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        const lines = text.split('\n');
        text = lines.pop()!;
        for (const line of lines) {
          if (!line.startsWith('data:')) continue;
          const { stream, ptsUs } = JSON.parse(line.slice(5)) as TrackMessage;
          newest.set(stream, ptsUs);
        }
      });
      response.on('error', () => undefined);
    });
    asked.on('error', reject);
    setTimeout(() => {
      asked.off('error', reject).on('error', () => undefined);
      asked.destroy();
      resolve(newest);
    }, ms);
  });
}
