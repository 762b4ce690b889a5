import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FrameSlots } from '../../../core/frame-slots.js';
import { Pulse } from '../../../core/pulse.js';
import { ManualClock } from '../../../core/testing.js';
import { WorkSignal } from '../../../core/work-signal.js';
import type { PacketSubscription } from '../../../ingest/packet-tap.js';
import type { TranscoderData } from './messages.js';
import { TranscodeHost } from './transcode-host.js';

const GATE = { stream: 'gate', width: 1280, height: 720, fps: 25 };

/** A transcoder's thread without a thread. */
class FakeWorker extends EventEmitter {
  constructor(readonly data: TranscoderData) {
    super();
  }
  counts(pictures: number): void {
    this.emit('message', { type: 'counters', counters: { pictures, keyframes: 1, bytes: 100, encodeMs: 5 } });
  }
  end(): void {
    this.emit('exit', 0);
  }
  postMessage(): void {
    setImmediate(() => this.end());
  }
}

let workers: FakeWorker[];
let slots: FrameSlots;
let host: TranscodeHost;
let ports: PacketSubscription[];
beforeEach(() => {
  workers = [];
  ports = [];
  slots = FrameSlots.allocate({ slotCount: 3, pictureBytes: 6, metaBytes: 3 });
  const say = (): void => undefined;
  host = new TranscodeHost({
    pipeline: {
      openLiveTile: () => ({ slots, width: 1280, height: 720, signal: new WorkSignal(), close: () => undefined }),
    },
    maxPayloadBytes: 1180,
    clock: new ManualClock(),
    log: { info: say, warn: say },
    createWorker: (data) => {
      workers.push(new FakeWorker(data));
      return workers.at(-1) as unknown as Worker;
    },
  });
});
afterEach(async () => {
  await host.close();
  for (const { port } of ports) port.close();
  for (const { data } of workers) data.port.close();
});

it('shows the sign of life of each transcoder that runs: pictures in, beats out', () => {
  expect(host.signs()).toEqual([]);
  ports.push(host.start(GATE));
  const sign = { name: 'transcoder of gate', life: 0, input: 0, output: 0, patient: false };
  expect(host.signs()).toEqual([sign]);
  new Pulse(workers[0]!.data.pulse).beat();
  expect(host.signs()).toEqual([{ ...sign, output: 1 }]);
  host.stop('gate');
  expect(host.signs()).toEqual([]);
  // The next one has done nothing yet, and is not the one before.
  ports.push(host.start(GATE));
  expect(host.signs()).toEqual([{ ...sign, life: 1 }]);
});

it('adds up the totals of a stream whose transcoder comes and goes', async () => {
  ports.push(host.start(GATE));
  workers[0]!.counts(10);
  host.stop('gate');
  await host.close();
  ports.push(host.start(GATE));
  workers[1]!.counts(5);
  expect(host.stats()).toEqual({
    gate: { pictures: 15, keyframes: 2, bytes: 200, encodeMs: 10, skipped: 0, running: true },
  });
});

it('keeps nothing of a stream that is gone, also when its transcoder ends later', async () => {
  ports.push(host.start(GATE));
  workers[0]!.counts(10);
  host.forget('gate');
  expect(host.stats()).toEqual({});
  await host.close();
  expect(host.stats()).toEqual({});
});

it('keeps nothing of one that was stopped before it was gone', async () => {
  ports.push(host.start(GATE));
  host.stop('gate');
  await host.close();
  expect(Object.keys(host.stats())).toEqual(['gate']);
  host.forget('gate');
  expect(host.stats()).toEqual({});
});
