import { createServer, type Server } from 'node:http';
import { expect, test } from '@playwright/test';
import { noBrowser } from '../browser.js';
import { Stack, worldClips } from '../stack.js';

test.skip(noBrowser !== null, noBrowser ?? '');

const TOKEN = 'a-token-that-is-long-enough';

let stack: Stack;
let site: Server;
test.beforeAll(async () => {
  stack = await Stack.start(worldClips('08-overhead.mp4'), ['--token', TOKEN]);
  const html = '<!doctype html><title>player</title><video muted autoplay playsinline></video>';
  site = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
});
test.afterAll(async () => {
  site.closeAllConnections();
  site.close();
  await stack.close();
});

const sessions = async (): Promise<number> => {
  const response = await fetch(`${stack.url}/api/stats`, { headers: { authorization: `Bearer ${TOKEN}` } });
  return ((await response.json()) as { outputs: { webrtc: { whepSessions: number } } }).outputs.webrtc.whepSessions;
};

test('a page of another origin plays by WHEP and takes tracks, then just closes its connection', async ({ page }) => {
  await page.goto(`http://127.0.0.1:${(site.address() as { port: number }).port}/`);
  const played = await page.evaluate(
    async ({ url, token }) => {
      const authorization = `Bearer ${token}`;
      const connection = new RTCPeerConnection();
      const video = document.querySelector('video')!;
      connection.addTransceiver('audio', { direction: 'recvonly' });
      connection.addTransceiver('video', { direction: 'recvonly' });
      connection.ontrack = ({ track }) => {
        if (track.kind === 'video') video.srcObject = new MediaStream([track]);
      };
      const channel = connection.createDataChannel('tracks', { ordered: false, maxRetransmits: 1 });
      channel.binaryType = 'arraybuffer';
      let messages = 0;
      channel.onmessage = () => messages++;
      await connection.setLocalDescription();
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/sdp', authorization },
        body: connection.localDescription!.sdp,
      });
      const location = response.headers.get('location');
      await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
      let presented = 0;
      const next = (): void => {
        presented++;
        video.requestVideoFrameCallback(next);
      };
      video.requestVideoFrameCallback(next);
      const end = performance.now() + 15_000;
      while ((presented < 20 || messages < 10) && performance.now() < end) await new Promise((r) => setTimeout(r, 50));
      const width = video.videoWidth;
      connection.close();
      return { status: response.status, location, presented, messages, width };
    },
    { url: `${stack.url}/whep/overhead`, token: TOKEN },
  );
  expect(played).toMatchObject({ status: 201, width: 640 });
  expect(played.location).toMatch(/^\/whep\/overhead\/[\w-]{20,}$/);
  expect(played.presented).toBeGreaterThanOrEqual(20);
  expect(played.messages).toBeGreaterThanOrEqual(10);
  // It said goodbye by DTLS: nobody waits half a minute for its silence.
  await expect.poll(sessions, { timeout: 5000 }).toBe(0);
});
