import type { ModelEntry } from '@lanecast/server/core/model-entry';
import { DetectorError } from './detector-error.js';

/**
 * The model's file. The browser's cache keeps it: its address is its content. Rejects with a DetectorError
 * `model-download`.
 */
export async function downloadModel(
  entry: ModelEntry,
  onProgress: (progress: { loadedBytes: number; totalBytes: number }) => void,
  signal: AbortSignal,
): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(entry.bytes);
  let loaded = 0;
  try {
    const response = await fetch(entry.url, { signal });
    if (!response.ok || !response.body) throw new Error(`${entry.url} answered ${response.status}`);
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (loaded + value.length > bytes.length) throw new Error('it is larger than it should be');
      bytes.set(value, loaded);
      loaded += value.length;
      onProgress({ loadedBytes: loaded, totalBytes: entry.bytes });
    }
    if (loaded < bytes.length) throw new Error(`it ended after ${loaded} of ${entry.bytes} bytes`);
  } catch (error) {
    throw new DetectorError('model-download', `The model could not be downloaded: ${String(error)}`, { cause: error });
  }
  return bytes.buffer;
}
