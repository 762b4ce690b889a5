/** Clients that behave badly, in great number. */
import { get, request, type ClientRequest } from 'node:http';
import { WebSocket } from 'ws';
import { openViewer, whepOffer } from '../memory/viewers.js';
import { expectThat, type Fault } from './fault.js';
import { type Rig, sleep, STREAMS } from './rig.js';

const CLIENTS = 200;
const OFFERS_PER_S = 50;
const OFFER_SECONDS = 5;
const TEN_MB = 10 << 20;

/** The status of a POST; 0 where the server cut it short. */
function post(url: string, body: string): Promise<number> {
  return new Promise((resolve) => {
    const headers = { 'Content-Type': 'application/sdp', 'Content-Length': Buffer.byteLength(body) };
    const asked = request(url, { method: 'POST', headers, agent: false, timeout: 20_000 }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', () => resolve(response.statusCode ?? 0));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(0));
    asked.end(body);
  });
}

async function untilServed(rig: Rig): Promise<void> {
  await rig.until(async () => {
    const viewer = await openViewer('whep', rig.url, STREAMS[3]).catch(() => null);
    if (!viewer) return false;
    const seen = await rig
      .until(() => Promise.resolve(viewer.bytes > 2000), 'video', 4000)
      .then(
        () => true,
        () => false,
      );
    await viewer.leave(false);
    return seen;
  }, 'a viewer that is served');
}

export const CLIENT_FAULTS: readonly Fault[] = [
  {
    name: `${CLIENTS} MJPEG clients for 8 s, half of which never read`,
    victims: [],
    happen: async (rig) => {
      const clients: ClientRequest[] = [];
      for (let i = 0; i < CLIENTS; i++) {
        const asked = get(`${rig.url}/stream`, { agent: false }, (response) => {
          response.on('error', () => undefined);
          if (i % 2 === 0) response.resume();
          else response.pause();
        });
        asked.on('error', () => undefined);
        clients.push(asked);
      }
      await sleep(8000);
      const { clients: served } = (await rig.stats()).outputs.mjpeg;
      for (const asked of clients) asked.destroy();
      expectThat(served > 0, 'none of them was served');
    },
    recover: async (rig) => {
      await rig.until(async () => (await rig.stats()).outputs.mjpeg.clients === 0, 'all of them are gone');
      const viewer = await openViewer('mjpeg-grid', rig.url, STREAMS[0]);
      await rig.until(() => Promise.resolve(viewer.bytes > 5000), 'pictures for the next');
      await viewer.leave(false);
    },
  },
  {
    name: `${OFFERS_PER_S} WebRTC offers a second for ${OFFER_SECONDS} s`,
    victims: [],
    happen: async (rig) => {
      const offer = await whepOffer();
      const answers: Promise<number>[] = [];
      for (let i = 0; i < OFFERS_PER_S * OFFER_SECONDS; i++) {
        answers.push(post(`${rig.url}/whep/${STREAMS[2]}`, offer));
        await sleep(1000 / OFFERS_PER_S);
      }
      const statuses = await Promise.all(answers);
      expectThat(
        statuses.every((status) => [201, 429, 503].includes(status)),
        `answers: ${[...new Set(statuses)].join(', ')}`,
      );
    },
    recover: untilServed,
  },
  {
    name: 'an SDP of 10 MB, by WHEP and by WebSocket',
    victims: [],
    short: true,
    happen: async (rig) => {
      const status = await post(`${rig.url}/whep/${STREAMS[2]}`, 'v=0\r\n'.padEnd(TEN_MB, 'a'));
      expectThat(status === 413 || status === 0, `WHEP answered ${status}`);
      const code = await new Promise<number>((resolve) => {
        const socket = new WebSocket(`${rig.url.replace('http', 'ws')}/ws`);
        socket.on('open', () => socket.send('x'.repeat(TEN_MB)));
        socket.on('error', () => undefined);
        socket.on('close', resolve);
      });
      expectThat(code === 1009 || code === 1006, `the WebSocket was closed with ${code}`);
    },
    recover: untilServed,
  },
];
