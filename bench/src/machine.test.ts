import { expect, it } from 'vitest';
import { describeMachine } from './machine.js';

it('names the processor, its cores, the memory, the system and Node', () => {
  const machine = describeMachine();
  expect(machine.cpu).not.toBe('');
  expect(machine.cores).toBeGreaterThan(0);
  expect(machine.memoryGiB).toBeGreaterThan(0);
  expect(machine.system).toContain(process.arch);
  expect(machine.node).toBe(process.version);
});
