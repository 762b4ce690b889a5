import { expect, it } from 'vitest';
import { validateConfig } from '../config/load.js';
import { trackerSettings } from './tracker-settings.js';

const streams = [{ id: 'a', url: 'rtsp://127.0.0.1/a' }];

it('believes the configuration before the model, and the model before the default', () => {
  const plain = validateConfig({ streams });
  const told = validateConfig({ streams, tracker: { trackThreshold: 0.45 }, detector: { scoreThreshold: 0.2 } });
  expect(trackerSettings(plain, null)).toMatchObject({ trackThreshold: 0.3, lowThreshold: 0.1 });
  expect(trackerSettings(plain, 0.6).trackThreshold).toBe(0.6);
  expect(trackerSettings(told, 0.6)).toMatchObject({ trackThreshold: 0.45, lowThreshold: 0.2, matchThreshold: 0.8 });
});
