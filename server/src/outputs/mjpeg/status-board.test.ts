import { expect, it } from 'vitest';

import type { StreamInfo, StreamState } from '../../core/types.js';
import type { Pipeline } from '../../pipeline/api.js';
import { StatusBoard } from './status-board.js';

it('remembers since when a stream has been live or not, whatever it goes through meanwhile', () => {
  let info = { id: 'a', state: 'live', reason: null, rates: { fps: 25, dropRate: 0.1 } } as StreamInfo;
  let notify: (stream: StreamInfo) => void = () => undefined;
  const pipeline = {
    streams: () => [info],
    onState(listener: (stream: StreamInfo) => void) {
      notify = listener;
      return () => (notify = () => undefined);
    },
  } as Partial<Pipeline> as Pipeline;
  const clock = { ms: 1000 };
  let changes = 0;
  const board = new StatusBoard(
    pipeline,
    () => clock.ms,
    () => changes++,
  );
  const go = (state: StreamState, message: string | null): void => {
    info = { ...info, state, reason: message === null ? null : { code: 'x', message } };
    notify(info);
  };
  expect(board.statusOf('a')).toEqual({
    streamId: 'a',
    state: 'live',
    reason: null,
    fps: 25,
    dropRate: 0.1,
    sinceEpochMs: 1000,
  });
  clock.ms = 5000;
  go('stalled', 'no video for 5 s');
  clock.ms = 9000;
  go('backoff', 'no answer');
  expect(board.statuses()).toMatchObject([{ state: 'backoff', reason: 'no answer', sinceEpochMs: 5000 }]);
  clock.ms = 12_000;
  go('live', null);
  expect(board.statusOf('a')?.sinceEpochMs).toBe(12_000);
  expect(board.statusOf('b')).toBeUndefined();
  expect(changes).toBe(3);
  board.close();
  go('failed', 'x');
  expect(changes).toBe(3);
});
