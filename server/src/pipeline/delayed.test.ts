import { expect, test, vi } from 'vitest';
import { delayed } from './delayed.js';

test('hands everything on in its order, none before its time', async () => {
  vi.useFakeTimers();
  try {
    const handled: number[] = [];
    const handle = delayed((item: number) => void handled.push(item), 100);
    for (let i = 0; i < 50; i++) handle(i);
    expect(handled).toEqual([]);
    await vi.advanceTimersByTimeAsync(30);
    expect(handled.length).toBeLessThan(50);
    await vi.advanceTimersByTimeAsync(70);
    expect(handled).toEqual(Array.from({ length: 50 }, (_, i) => i));
  } finally {
    vi.useRealTimers();
  }
});
