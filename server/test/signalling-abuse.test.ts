/** What a hostile page may do on the dashboard's WebSocket, against a real server with a viewer who must not notice. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { seededRandom } from '../dist/core/random.js';
import { createMetrics } from '../dist/ops/metrics.js';
import { createHttpServer, type HttpServer } from '../dist/outputs/http/server.js';
import { askJson } from './outputs-http-client.js';
import { Rig, stateOf, until } from './pipeline-rig.js';
import { Player } from './whep-player.js';

const HELLO = { type: 'hello', version: 1, mode: 'smooth' };
const offerOf = (sdp: string) => ({ type: 'offer', sdp, streams: [{ mid: '0', stream: 'road' }] });

let rig: Rig;
let server: HttpServer;
let viewer: Player;
let offer: string;
const warnings: string[] = [];
beforeAll(async () => {
  rig = await Rig.start();
  await rig.publish('road');
  const pipeline = await rig.pipeline([{ id: 'road', url: rig.server.url('road') }]);
  await until(() => stateOf(pipeline, 'road').state === 'live', 'the stream is live');
  server = await createHttpServer({
    pipeline,
    config: {
      server: { host: '127.0.0.1', port: 0, allowedHosts: [] },
      mjpeg: { width: 640, height: 360, maxFps: 12, quality: 60 },
    },
    logger: pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) }),
    createMetrics,
  });
  viewer = new Player();
  await viewer.play(`${server.url}/whep/road`);
  const other = new Player();
  offer = await other.offer();
  await other.close();
});
afterAll(async () => {
  await viewer.close();
  await server.close();
  await rig.close();
});

interface Ending {
  messages: { type: string; code?: string }[];
  closeCode: number;
}

/** Says all of it, and waits for the end. */
function abuse(...messages: (string | Buffer | object)[]): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws`);
    const ending: Ending = { messages: [], closeCode: 0 };
    const timer = setTimeout(() => reject(new Error('the server did not end it')), 15_000);
    socket.on('open', () => {
      for (const message of messages)
        socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
    });
    socket.on('message', (data) => ending.messages.push(JSON.parse((data as Buffer).toString()) as { type: string }));
    // A server that ends while it is being sent megabytes resets the connection.
    socket.on('error', () => undefined);
    socket.on('close', (closeCode) => {
      clearTimeout(timer);
      resolve({ ...ending, closeCode });
    });
  });
}

/** The viewer goes on receiving, and nothing is left of those who misbehaved. */
async function expectUnharmed(): Promise<void> {
  const before = viewer.received.rtpTimestamps.size;
  await until(() => viewer.received.rtpTimestamps.size > before + 5, 'the viewer goes on', 5000);
  const end = Date.now() + 5000;
  for (;;) {
    const { json } = await askJson(`${server.url}/api/stats`);
    const { sessions, peers } = (json['outputs'] as { webrtc: Record<string, number> }).webrtc;
    if (sessions === 0 && peers === 1) break;
    if (Date.now() > end) expect({ sessions, peers }).toEqual({ sessions: 0, peers: 1 });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(warnings.filter((line) => line.includes('media worker died'))).toEqual([]);
}

describe('abuse of /ws', () => {
  it.each<[string, (string | Buffer | object)[], string]>([
    ['no JSON', ['{"type":'], 'signalling-malformed'],
    ['bytes', [Buffer.from([1, 2, 3])], 'signalling-malformed'],
    ['fields of another type', [HELLO, { type: 'watch', streams: 5 }], 'signalling-malformed'],
    ['deep nesting', ['['.repeat(100_000)], 'signalling-malformed'],
    ['an offer before hello', [{ type: 'offer', sdp: 'v=0', streams: [] }], 'signalling-order'],
    ['hello twice', [HELLO, HELLO], 'signalling-order'],
    ['another version', [{ ...HELLO, version: 99 }], 'signalling-version'],
    ['SDP that is garbage', [HELLO, offerOf('garbage')], 'offer-refused'],
    ['a flood', Array.from({ length: 1000 }, () => ({ type: 'ping', sentAtMs: 1 })), 'signalling-flood'],
  ])('%s: a typed error, and the end', async (_, messages, code) => {
    const { messages: heard } = await abuse(...messages);
    expect(heard.at(-1)).toMatchObject({ type: 'error', code });
    await expectUnharmed();
  });

  it('a message of ten megabytes is refused unread (1009)', async () => {
    const { closeCode } = await abuse('x'.repeat(10 << 20));
    // Reset, where the server ended before all was sent.
    expect([1009, 1006]).toContain(closeCode);
    await expectUnharmed();
  });

  it('offers with lines that are changed, missing, doubled or cut short', async () => {
    const random = seededRandom(5);
    const lines = offer.split('\r\n');
    const pick = (count: number): number => Math.floor(random() * count);
    for (let round = 0; round < 60; round++) {
      const changed = [...lines];
      for (let i = 0; i <= pick(4); i++) {
        const at = pick(changed.length);
        const line = changed[at]!;
        const cut = pick(line.length + 1);
        const forms = [[], [line, line], [line.slice(0, cut)], [line.replace(/\d+/g, '99999999999')], [`${line}\0é`]];
        changed.splice(at, 1, ...forms[pick(forms.length)]!);
      }
      // The last message ends those whose offer was good enough.
      const { messages } = await abuse(HELLO, offerOf(changed.join('\r\n')), HELLO);
      expect(['offer-refused', 'signalling-order']).toContain(messages.at(-1)?.code);
    }
    await expectUnharmed();
  });
});
