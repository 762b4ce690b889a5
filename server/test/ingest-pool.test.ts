import type { MessagePort, Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkSignal } from '../dist/core/work-signal.js';
import type { FromIngest, IngestStreamOptions } from '../dist/ingest/messages.js';
import { openPacketSubscription } from '../dist/ingest/packet-tap.js';
import { createIngestWorker, IngestPool } from '../dist/pipeline/ingest-pool.js';
import { Rig, until } from './pipeline-rig.js';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
  await rig.publish('road');
});
afterAll(() => rig.close());

function setUp(streamsPerWorker = 8) {
  const workers: Worker[] = [];
  const messages: FromIngest[] = [];
  const deaths: string[] = [];
  const resumed: number[] = [];
  const pool = new IngestPool(
    new WorkSignal(),
    streamsPerWorker,
    {
      onMessage: (message) => messages.push(message),
      onDeath: (_, reason) => deaths.push(reason),
      resume: (stream) => ({ ...stream, startPtsUs: 60_000_000, startEpoch: 7 }),
      onResumed: (index) => resumed.push(index),
    },
    (signal, pulse) => {
      const worker = createIngestWorker(signal, pulse);
      workers.push(worker);
      return worker;
    },
  );
  const stream: IngestStreamOptions = {
    index: 3,
    id: 'road',
    url: rig.server.url('road'),
    transport: 'tcp',
    nvdec: false,
    connectTimeoutMs: 1000,
    stallTimeoutMs: 2000,
    backoffMinMs: 100,
    backoffMaxMs: 1000,
    startPtsUs: 0,
    startEpoch: 1,
    readFrameNumbers: false,
    maxPicturePixels: 4096 * 2304,
    tlsAllowSelfSigned: false,
    detector: null,
  };
  pool.add(stream);
  return { pool, stream, workers, messages, deaths, resumed };
}

describe('IngestPool', () => {
  it('replaces a worker that died; its streams go on as they are told to', async () => {
    const { pool, workers, messages, deaths, resumed } = setUp();
    const decoded = () => messages.filter((m) => m.type === 'decoded');
    await until(() => decoded().length > 5, 'frames come');
    await workers[0]!.terminate();
    await until(() => resumed.length === 1, 'the stream is resumed');
    expect(deaths).toHaveLength(1);
    expect(resumed).toEqual([3]);
    messages.length = 0;
    await until(() => decoded().length > 5, 'frames come again');
    const first = decoded()[0]!;
    expect(first.message).toMatchObject({ epoch: 7 });
    expect(first.message.ptsUs).toBeGreaterThanOrEqual(60_000_000);
    await pool.close();
    await pool.close();
  });

  it('keeps who asks for packets between two workers, and lets go who no longer wants them', async () => {
    const { pool, stream, workers, deaths, resumed } = setUp();
    pool.add({ ...stream, index: 4 });
    const subscribe = (index: number): MessagePort => {
      const { subscription, far } = openPacketSubscription();
      pool.send(index, { type: 'subscribe', index, port: far, progress: subscription.progress }, [far]);
      return subscription.port;
    };
    await workers[0]!.terminate();
    await until(() => deaths.length === 1, 'the death is noticed');
    const [wanted, unwanted, removed] = [subscribe(3), subscribe(3), subscribe(4)];
    let units = 0;
    wanted.on('message', () => units++);
    const closed = new Promise((resolve) => removed.once('close', resolve));
    unwanted.close();
    pool.remove(4);
    await closed;
    expect(resumed).toEqual([]);
    await until(() => units > 5, 'packets come from the new worker');
    expect(deaths).toHaveLength(1);
    wanted.close();
    await pool.close();
  });

  it('shows that its worker lives, by a new pulse also after a death', async () => {
    const { pool, workers } = setUp();
    const beats = (): number => pool.signs()[0]?.output ?? 0;
    expect(pool.signs()).toMatchObject([{ name: 'ingest worker 0', input: null, patient: false }]);
    await until(() => beats() > 2, 'the worker beats');
    await workers[0]!.terminate();
    await until(() => workers.length === 2 && beats() > 0, 'its successor beats');
    expect(pool.deaths).toBe(1);
    await pool.close();
  });

  it('knows a worker by the same number all its life, and who gets that number afterwards as another', async () => {
    const { pool, stream } = setUp(1);
    const signs = (): unknown[] => pool.signs().map(({ name, life }) => [name, life]);
    pool.add({ ...stream, index: 4 });
    expect(signs()).toEqual([
      ['ingest worker 0', 0],
      ['ingest worker 1', 1],
    ]);
    pool.remove(3);
    expect(signs()).toEqual([['ingest worker 1', 1]]);
    pool.add({ ...stream, index: 5 });
    expect(signs()).toEqual([
      ['ingest worker 1', 1],
      ['ingest worker 0', 2],
    ]);
    await pool.close();
  });

  it('ends workers whose streams are gone, but for the last one', async () => {
    const { pool, stream, workers, deaths } = setUp(1);
    pool.add({ ...stream, index: 4 });
    pool.add({ ...stream, index: 5 });
    expect(pool.workers).toBe(3);
    const ended: number[] = [];
    workers.forEach((worker, i) => worker.once('exit', () => ended.push(i)));
    pool.remove(3);
    pool.remove(5);
    expect(pool.workers).toBe(1);
    await until(() => ended.length === 2, 'two workers have ended');
    expect(ended.sort()).toEqual([0, 2]);
    pool.remove(4);
    expect(pool.workers).toBe(1);
    pool.add({ ...stream, index: 6 });
    expect(workers).toHaveLength(3);
    expect(deaths).toEqual([]);
    await pool.close();
  });

  it('puts a stream in the place of another, in its worker', async () => {
    const { pool, stream, workers, messages } = setUp(1);
    await until(() => messages.some((m) => m.type === 'decoded'), 'frames come');
    pool.replace(3, { ...stream, index: 9, startPtsUs: 60_000_000, startEpoch: 2 });
    await until(() => messages.some((m) => m.index === 9 && m.type === 'decoded'), 'frames of the other come');
    expect(workers).toHaveLength(1);
    const first = messages.find((m) => m.index === 9);
    const later = messages.slice(messages.indexOf(first!));
    expect(later.some((m) => m.index === 3)).toBe(false);
    await pool.close();
  });

  it('closes at once while a dead worker waits for its replacement', async () => {
    const { pool, workers, messages, deaths } = setUp();
    await until(() => messages.length > 0, 'the worker speaks');
    await workers[0]!.terminate();
    await until(() => deaths.length === 1, 'the death is noticed');
    await pool.close();
    expect(workers).toHaveLength(1);
  });
});
