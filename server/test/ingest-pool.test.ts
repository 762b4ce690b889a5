import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkSignal } from '../dist/core/work-signal.js';
import type { FromIngest, IngestStreamOptions } from '../dist/ingest/messages.js';
import { createIngestWorker, IngestPool } from '../dist/pipeline/ingest-pool.js';
import { Rig, until } from './pipeline-rig.js';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
  await rig.publish('road');
});
afterAll(() => rig.close());

function setUp() {
  const workers: Worker[] = [];
  const messages: FromIngest[] = [];
  const deaths: string[] = [];
  const resumed: number[] = [];
  const pool = new IngestPool(
    new WorkSignal(),
    8,
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
  return { pool, workers, messages, deaths, resumed };
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

  it('closes at once while a dead worker waits for its replacement', async () => {
    const { pool, workers, messages, deaths } = setUp();
    await until(() => messages.length > 0, 'the worker speaks');
    await workers[0]!.terminate();
    await until(() => deaths.length === 1, 'the death is noticed');
    await pool.close();
    expect(workers).toHaveLength(1);
  });
});
