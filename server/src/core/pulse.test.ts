import { describe, expect, it } from 'vitest';
import { Pulse } from './pulse.js';

describe('Pulse', () => {
  it('is seen on the other side of the shared buffer', () => {
    const here = new Pulse();
    const there = new Pulse(here.buffer);
    expect([here.beats, here.patient]).toEqual([0, false]);
    there.beat();
    there.beat();
    there.patient = true;
    expect([here.beats, here.patient]).toEqual([2, true]);
    there.patient = false;
    expect(here.patient).toBe(false);
  });
});
