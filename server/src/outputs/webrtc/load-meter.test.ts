import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { LoadMeter } from './load-meter.js';

it('tells a loop that is held up from one that waits', async () => {
  const meter = new LoadMeter();
  try {
    meter.read();
    for (let i = 0; i < 3; i++) {
      const endMs = performance.now() + 120;
      while (performance.now() < endMs);
      await sleep(0);
    }
    const busy = meter.read();
    expect(busy.delayP99Ms).toBeGreaterThan(80);
    expect(busy.utilization).toBeGreaterThan(0.8);
    await sleep(400);
    expect(meter.read().utilization).toBeLessThan(busy.utilization);
  } finally {
    meter.close();
    meter.close();
  }
});
