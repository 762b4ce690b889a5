import { EventEmitter } from 'node:events';
import { MessageChannel, type Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MediaHost } from './media-host.js';
import type { FromMedia, ToMedia } from './messages.js';

class FakeWorker extends EventEmitter {
  readonly got: ToMedia[] = [];
  postMessage(message: ToMedia): void {
    this.got.push(message);
    if (message.type === 'close') this.emit('exit', 0);
  }
  say(message: FromMedia): void {
    this.emit('message', message);
  }
  terminate(): Promise<number> {
    this.emit('exit', 1);
    return Promise.resolve(1);
  }
}

const PEER = { address: '127.0.0.1', announcedAddress: null, udpPorts: null };
const COUNTERS = {
  peers: 1,
  packetsSent: 100,
  bytesSent: 5000,
  unitsDropped: 0,
  unitsMissed: 0,
  tracksSent: 9,
  tracksDropped: 1,
  pictureLosses: 0,
  unhandledRejections: 2,
};

const LOAD = { delayP99Ms: 3, utilization: 0.2 };

describe('MediaHost', () => {
  let workers: FakeWorker[];
  let detached: string[];
  let host: MediaHost;
  const warn = vi.fn();

  beforeEach(() => {
    vi.useFakeTimers();
    warn.mockClear();
    workers = [];
    detached = [];
    host = new MediaHost({
      maxPayloadBytes: 1180,
      log: { info: vi.fn(), warn },
      onDetached: (stream) => detached.push(stream),
      createWorker: () => {
        const worker = new FakeWorker();
        workers.push(worker);
        return worker as unknown as Worker;
      },
    });
  });

  afterEach(async () => {
    await host.close();
    vi.useRealTimers();
  });

  const viewer = () => ({ onCandidate: vi.fn(), onConnected: vi.fn(), onEnd: vi.fn() });
  const requestOf = (worker: FakeWorker): number => {
    const offers = worker.got.filter((message) => message.type === 'offer');
    return offers.at(-1)!.request;
  };

  it('brings each viewer its own answer, candidates and end', async () => {
    const events = viewer();
    const id = host.open(PEER, true, events);
    const answer = host.answer(id, 'offer', [{ mid: '0', stream: 'north' }]);
    workers[0]!.say({ type: 'candidate', viewer: id, candidate: 'candidate:1', mid: '0' });
    workers[0]!.say({ type: 'answer', viewer: id, request: requestOf(workers[0]!), sdp: 'answer' });
    await expect(answer).resolves.toBe('answer');
    expect(events.onCandidate).toHaveBeenCalledWith('candidate:1', '0');
    workers[0]!.say({ type: 'connected', viewer: id });
    expect(events.onConnected).toHaveBeenCalledOnce();
    workers[0]!.say({ type: 'ended', viewer: id, reason: 'gone' });
    workers[0]!.say({ type: 'ended', viewer: id, reason: 'gone again' });
    expect(events.onEnd).toHaveBeenCalledExactlyOnceWith('gone');
  });

  it('rejects an offer that is refused, or never answered, with a typed error', async () => {
    const id = host.open(PEER, true, viewer());
    const refused = host.answer(id, 'garbage', []);
    workers[0]!.say({ type: 'refused', viewer: id, request: requestOf(workers[0]!), reason: 'no media' });
    await expect(refused).rejects.toMatchObject({
      code: 'offer-refused',
      message: expect.stringContaining('no media') as string,
    });
    const silent = host.answer(id, 'offer', []);
    const rejection = expect(silent).rejects.toMatchObject({ code: 'offer-refused' });
    await vi.advanceTimersByTimeAsync(10_000);
    await rejection;
  });

  it('replaces a worker that dies: viewers are told, streams are asked for again, totals go on', async () => {
    const events = viewer();
    const id = host.open(PEER, true, events);
    const pending = expect(host.answer(id, 'offer', [])).rejects.toMatchObject({ code: 'offer-refused' });
    const { port1 } = new MessageChannel();
    host.attach('north', { port: port1, progress: new SharedArrayBuffer(8) });
    workers[0]!.say({ type: 'counters', counters: COUNTERS, load: LOAD });
    workers[0]!.emit('error', new Error('out of memory'));
    workers[0]!.emit('exit', 1);
    await pending;
    expect(events.onEnd).toHaveBeenCalledOnce();
    expect(host.isAttached('north')).toBe(false);
    await vi.advanceTimersByTimeAsync(1500);
    expect(workers).toHaveLength(2);
    expect(detached).toEqual(['north']);
    workers[1]!.say({ type: 'counters', counters: { ...COUNTERS, packetsSent: 5 }, load: LOAD });
    expect(host.counters).toMatchObject({ peers: 1, packetsSent: 105, tracksSent: 18, unhandledRejections: 4 });
    port1.close();
  });

  it('ends viewers that come while there is no worker', async () => {
    workers[0]!.emit('exit', 1);
    vi.useRealTimers();
    const events = viewer();
    host.open(PEER, true, events);
    await new Promise((resolve) => setImmediate(resolve));
    expect(events.onEnd).toHaveBeenCalledOnce();
  });

  it('closes once, however often it is asked', async () => {
    await host.close();
    await host.close();
    expect(workers[0]!.got.filter(({ type }) => type === 'close')).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes no further viewers while its worker is overloaded, says so once, and a new worker begins afresh', () => {
    const busy = { delayP99Ms: 400, utilization: 1 };
    for (let i = 0; i < 5; i++) workers[0]!.say({ type: 'counters', counters: COUNTERS, load: busy });
    expect(host.isOverloaded).toBe(false);
    for (let i = 0; i < 5; i++) workers[0]!.say({ type: 'counters', counters: COUNTERS, load: busy });
    expect([host.isOverloaded, host.load]).toEqual([true, busy]);
    expect(warn.mock.calls.map(([, line]) => line as string)).toEqual([
      expect.stringMatching(/overloaded \(400 ms late, 100 % busy\)/),
    ]);
    workers[0]!.emit('exit', 1);
    expect([host.isOverloaded, host.load.utilization]).toEqual([false, 0]);
  });
});
