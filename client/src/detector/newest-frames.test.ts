import { describe, expect, it } from 'vitest';
import { NewestFrames } from './newest-frames.js';

class Frame {
  closed = 0;
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  close(): void {
    this.closed++;
  }
}

describe('NewestFrames', () => {
  it('keeps the newest frame of a stream and closes what it replaces', () => {
    const queue = new NewestFrames<Frame>();
    const [first, second] = [new Frame('1'), new Frame('2')];
    expect(queue.put('a', first)).toBe(false);
    expect(queue.put('a', second)).toBe(true);
    expect([first.closed, second.closed, queue.size]).toEqual([1, 0, 1]);
    expect(queue.take()).toEqual({ stream: 'a', frame: second });
    expect(second.closed).toBe(0);
    expect(queue.take()).toBeNull();
  });

  it('serves streams in turn, however often one of them comes', () => {
    const queue = new NewestFrames<Frame>();
    const served: string[] = [];
    for (let i = 0; i < 9; i++) {
      queue.put('fast', new Frame('f'));
      queue.put('fast', new Frame('f'));
      if (i < 4) queue.put('slow', new Frame('s'));
      if (i < 2) queue.put('third', new Frame('t'));
      served.push(queue.take()!.stream);
    }
    // Nobody is served twice while another waits.
    expect(served).toEqual(['fast', 'slow', 'third', 'fast', 'slow', 'fast', 'fast', 'fast', 'fast']);
  });

  it('lets go of a stream, and of all', () => {
    const queue = new NewestFrames<Frame>();
    const [a, b, c] = [new Frame('a'), new Frame('b'), new Frame('c')];
    queue.put('a', a);
    queue.put('b', b);
    queue.put('c', c);
    queue.remove('b');
    queue.remove('none');
    expect(b.closed).toBe(1);
    queue.clear();
    queue.clear();
    expect([a.closed, b.closed, c.closed, queue.size]).toEqual([1, 1, 1, 0]);
  });
});
