import { describe, expect, it } from 'vitest';
import { workerUrl } from './worker-url.js';

describe('workerUrl', () => {
  it.each([
    ['file:///srv/lane/server/dist/detect/detector.js', 'file:///srv/lane/server/dist/detect/worker.js'],
    ['file:///srv/lane/server/src/detect/detector.ts', 'file:///srv/lane/server/dist/detect/worker.js'],
    ['file:///home/src/lane/server/src/detect/detector.ts', 'file:///home/src/lane/server/dist/detect/worker.js'],
    ['file:///home/src/lane/server/dist/detect/detector.js', 'file:///home/src/lane/server/dist/detect/worker.js'],
  ])('from %s', (from, to) => expect(workerUrl(from, './worker.js').href).toBe(to));
});
