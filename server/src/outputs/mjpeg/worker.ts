/** The compositor thread: draws and encodes what somebody watches; idle otherwise. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

import { Pulse } from '../../core/pulse.js';
import { monotonicMs } from '../../ops/clock.js';
import { sufferDebugFaults } from '../../ops/debug-faults.js';
import { Compositor } from './compositor.js';
import { GlyphAtlas } from './glyphs.js';
import type { CompositorOptions, ToCompositor } from './protocol.js';

const port = parentPort!;
const options = workerData as CompositorOptions;
const atlas = new GlyphAtlas(readFileSync(new URL('../../../assets/glyphs.bin.gz', import.meta.url)));
const compositor = new Compositor(atlas, options, { nowMs: monotonicMs, epochMs: Date.now }, (message, transfer) =>
  port.postMessage(message, transfer),
);

sufferDebugFaults('compositor');
const pulse = new Pulse(options.pulse);
let timer: NodeJS.Timeout | null = null;
const tick = (): void => {
  compositor.tick();
  pulse.beat();
};
port.on('message', (message: ToCompositor) => {
  compositor.handle(message);
  if (compositor.active && !timer) timer = setInterval(tick, 1000 / options.maxFps);
  if (!compositor.active && timer) {
    clearInterval(timer);
    timer = null;
  }
  if (message.type === 'close') port.close();
});
