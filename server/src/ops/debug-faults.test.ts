import { expect, it } from 'vitest';
import * as v from 'valibot';
import { DebugFault } from './debug-faults.js';

it.each([
  [{ fault: 'crash', thread: 'ingest', stream: 0 }, true],
  [{ fault: 'out-of-memory', thread: 'detector' }, true],
  [{ fault: 'clock-jump', jumpMs: -5 }, true],
  [{ fault: 'collect-garbage' }, true],
  [{ fault: 'inference-error' }, true],
  [{ fault: 'inference-error', times: 12, message: 'CUDA failure 700' }, true],
  [{ fault: 'inference-error', times: 0 }, false],
  [{ fault: 'cuda-error' }, true],
  [{ fault: 'crash' }, false],
  [{ fault: 'crash', thread: 'main' }, false],
  [{ fault: 'clock-jump', jumpMs: Infinity }, false],
  [{ fault: 'exit' }, false],
])('%j is a fault: %s', (body, expected) => {
  expect(v.safeParse(DebugFault, body).success).toBe(expected);
});
