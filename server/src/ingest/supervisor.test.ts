import { describe, expect, it } from 'vitest';
import { LanecastError } from '../core/errors.js';
import { Backoff } from './backoff.js';
import { type ConnectionHandlers, StreamSupervisor } from './supervisor.js';
import { ManualClock } from '../core/testing.js';

const refused = new LanecastError('rtsp-unreachable', 'refused');

function setUp(random = () => 1) {
  const clock = new ManualClock();
  const attempts: { atMs: number; handlers: ConnectionHandlers; closed: boolean }[] = [];
  const states: string[] = [];
  const supervisor = new StreamSupervisor({
    clock,
    stallTimeoutMs: 5000,
    backoff: new Backoff({ minMs: 500, maxMs: 30_000, random }),
    onState: (state, reason) => states.push(reason ? `${state}:${reason.code}` : state),
    connect: (handlers) => {
      const attempt = { atMs: clock.nowMs(), handlers, closed: false };
      attempts.push(attempt);
      return {
        close: () => {
          attempt.closed = true;
        },
      };
    },
  });
  supervisor.start();
  const last = () => attempts.at(-1)!;
  const play = (ms: number) => {
    for (let t = 0; t < ms; t += 40) {
      supervisor.pictureDecoded();
      clock.advance(40);
    }
  };
  return { clock, attempts, states, supervisor, last, play };
}

describe('StreamSupervisor', () => {
  it('doubles its waits up to the cap, for ever, while a camera is down at start', () => {
    const { clock, attempts, last } = setUp();
    for (const waitMs of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]) {
      const before = attempts.length;
      last().handlers.onClose(refused);
      clock.advance(waitMs - 1);
      expect(attempts).toHaveLength(before);
      clock.advance(1);
      expect(attempts).toHaveLength(before + 1);
    }
  });

  it('becomes live with the first picture, not with the handshake', () => {
    const { last, supervisor, states } = setUp();
    last().handlers.onReady();
    expect(states).toEqual(['connecting']);
    supervisor.pictureDecoded();
    expect(states).toEqual(['connecting', 'live']);
  });

  it('calls a stall when pictures stop while the connection is open, and reconnects', () => {
    const { clock, attempts, states, play } = setUp();
    attempts[0]!.handlers.onReady();
    play(3000);
    clock.advance(4900);
    expect(states.at(-1)).toBe('live');
    clock.advance(1200);
    expect(states.slice(-2)).toEqual(['stalled:stalled', 'connecting:stalled']);
    expect(attempts[0]!.closed).toBe(true);
    expect(attempts).toHaveLength(2);
  });

  it('calls a stall when the handshake succeeds but no picture ever comes', () => {
    const { clock, last, states } = setUp();
    last().handlers.onReady();
    clock.advance(5500);
    expect(states).toContain('stalled:stalled');
  });

  it('starts again at the shortest wait after a stream has been live for a while', () => {
    const { clock, attempts, last, play } = setUp();
    for (let i = 0; i < 6; i++) {
      last().handlers.onClose(refused);
      clock.advance(30_000);
    }
    last().handlers.onReady();
    play(2000);
    const before = attempts.length;
    last().handlers.onClose(null);
    clock.advance(500);
    expect(attempts).toHaveLength(before + 1);
  });

  it('keeps backing off from a camera that dies right after each first picture', () => {
    const { clock, attempts, last, supervisor } = setUp();
    for (let i = 0; i < 8; i++) {
      last().handlers.onReady();
      supervisor.pictureDecoded();
      last().handlers.onClose(null);
      clock.advance(30_000);
    }
    const before = attempts.length;
    last().handlers.onClose(null);
    clock.advance(29_000);
    expect(attempts).toHaveLength(before);
  });

  it('says "failed" where a person must act, and still tries again', () => {
    const { clock, attempts, states, last } = setUp();
    last().handlers.onClose(new LanecastError('rtsp-unauthorised', 'wrong password'));
    expect(states.at(-1)).toBe('failed:rtsp-unauthorised');
    clock.advance(29_999);
    expect(attempts).toHaveLength(1);
    clock.advance(1);
    expect(attempts).toHaveLength(2);
  });

  it('ignores what an earlier connection still says', () => {
    const { clock, attempts, states, supervisor } = setUp();
    attempts[0]!.handlers.onClose(refused);
    clock.advance(500);
    attempts[1]!.handlers.onReady();
    supervisor.pictureDecoded();
    attempts[0]!.handlers.onClose(refused);
    attempts[0]!.handlers.onReady();
    expect(states.at(-1)).toBe('live');
    expect(attempts).toHaveLength(2);
  });

  it('leaves no timer and no connection behind', () => {
    const { clock, attempts, supervisor, play } = setUp();
    attempts[0]!.handlers.onReady();
    play(1000);
    supervisor.close();
    supervisor.close();
    expect(clock.pendingTimers).toBe(0);
    expect(attempts[0]!.closed).toBe(true);
    clock.advance(60_000);
    expect(attempts).toHaveLength(1);
  });
});

describe('Backoff', () => {
  it('spreads each wait over the upper half of its interval', () => {
    const low = new Backoff({ minMs: 1000, maxMs: 8000, random: () => 0 });
    const high = new Backoff({ minMs: 1000, maxMs: 8000, random: () => 0.999 });
    expect([1, 2, 3, 4, 5].map(() => low.nextDelayMs('x'))).toEqual([500, 1000, 2000, 4000, 4000]);
    expect([1, 2, 3, 4, 5].map(() => Math.round(high.nextDelayMs('x')))).toEqual([1000, 1999, 3998, 7996, 7996]);
  });
});
