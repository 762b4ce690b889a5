import { describe, expect, it } from 'vitest';
import { DetectorRecovery } from './detector-recovery.js';

const again = (on: 'same' | 'cpu', delayMs: number) => ({ action: 'start', on, delayMs });

describe('DetectorRecovery', () => {
  it('waits longer with each death, half a minute at most, until detections come', () => {
    const recovery = new DetectorRecovery(false, { onGpuLoss: 'cpu' });
    const delays = Array.from({ length: 7 }, () => recovery.died('crashed', 0)).map((step) =>
      step.action === 'start' ? step.delayMs : null,
    );
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    recovery.works();
    expect(recovery.startFailed(0)).toEqual(again('same', 1000));
  });

  it('goes on on the CPU at once, for good, when the GPU is lost', () => {
    const recovery = new DetectorRecovery(true, { onGpuLoss: 'cpu' });
    expect(recovery.died('gpu-lost', 5000)).toEqual(again('cpu', 0));
    recovery.works();
    expect(recovery.died('crashed', 900_000)).toEqual(again('cpu', 1000));
    expect(recovery.died('broken', 950_000)).toEqual(again('cpu', 2000));
  });

  it('gives a GPU that answers one new session, and gives it up when inference breaks again', () => {
    const recovery = new DetectorRecovery(true, { onGpuLoss: 'cpu' });
    expect(recovery.died('broken', 0)).toEqual(again('same', 0));
    expect(recovery.died('broken', 59_000)).toEqual(again('cpu', 0));
  });

  it('does not take a fault that comes back after an hour for a GPU that is lost', () => {
    const recovery = new DetectorRecovery(true, { onGpuLoss: 'cpu' });
    expect(recovery.died('broken', 0)).toEqual(again('same', 0));
    recovery.works();
    expect(recovery.died('broken', 3_600_000)).toEqual(again('same', 0));
  });

  it('gives the GPU up when the new session does not start there', () => {
    const recovery = new DetectorRecovery(true, { onGpuLoss: 'cpu' });
    recovery.died('broken', 0);
    expect(recovery.startFailed(3000)).toEqual(again('cpu', 0));
  });

  it('tries twice to start on the GPU after a crash that had nothing to do with it', () => {
    const recovery = new DetectorRecovery(true, { onGpuLoss: 'cpu' });
    expect(recovery.died('crashed', 0)).toEqual(again('same', 1000));
    expect(recovery.startFailed(2000)).toEqual(again('same', 2000));
    expect(recovery.startFailed(5000)).toEqual(again('cpu', 0));
  });

  it('leaves, if that is wished, instead of going on on the CPU', () => {
    const recovery = new DetectorRecovery(true, { onGpuLoss: 'restart' });
    expect(recovery.died('crashed', 0)).toEqual(again('same', 1000));
    expect(recovery.died('gpu-lost', 10)).toEqual({ action: 'leave' });
  });
});
