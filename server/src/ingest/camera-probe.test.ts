import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../ops/clock.js';
import { type CameraProbeOptions, probeCamera } from './camera-probe.js';
import { FakeRtspServer, interleaved, type FakeScript, TEST_SDP } from './rtsp/testing/fake-rtsp-server.js';
import { buildRtp } from './rtsp/testing/rtp-builder.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(script?: FakeScript): Promise<FakeRtspServer> {
  const server = await FakeRtspServer.open(script);
  cleanups.push(() => server.close());
  return server;
}

const probe = (url: string, more: Partial<CameraProbeOptions> = {}, clock = systemClock) =>
  probeCamera(
    {
      url,
      transport: 'tcp',
      tlsAllowSelfSigned: false,
      maxPicturePixels: 1e8,
      signal: new AbortController().signal,
      timeoutMs: 1500,
      ...more,
    },
    clock,
  );

/** As many pictures as given, 25 a second by their timestamps. */
const pictures = (count: number): Buffer =>
  Buffer.concat(
    Array.from({ length: count }, (_, i) =>
      interleaved(
        0,
        buildRtp({
          sequenceNumber: i,
          timestamp: 3600 * i,
          marker: true,
          payload: Uint8Array.of(0x65, 0x88, ...new Array<number>(98).fill(1)),
        }),
      ),
    ),
  );

/** With pictures right behind the answer to PLAY. */
const playing =
  (count: number): FakeScript =>
  ({ method }) =>
    method === 'PLAY' ? { headers: { Session: '12345678' }, then: pictures(count) } : undefined;

it('tells what a camera sends, and says goodbye', async () => {
  const server = await serve(playing(50));
  const result = await probe(server.url());
  expect(result).toMatchObject({
    answers: true,
    video: { codec: 'h264', width: 240, height: 160, packetsLost: 0, reordered: false, tooLarge: false },
  });
  if (!result.answers) return;
  expect(result.video.fps).toBeCloseTo(25);
  expect(result.video.kbps).toBeGreaterThan(19);
  expect(server.methods()).toContain('TEARDOWN');
});

it('tells that the server would refuse such large pictures', async () => {
  const server = await serve(playing(50));
  expect(await probe(server.url(), { maxPicturePixels: 1000 })).toMatchObject({
    answers: true,
    video: { tooLarge: true },
  });
});

it('tells a camera that answers and sends nothing, within its time', async () => {
  const server = await serve();
  const result = await probe(server.url('/live', 'user:hunter2'), { timeoutMs: 400 });
  expect(result).toMatchObject({ answers: false, reason: { code: 'probe-no-picture' } });
  expect(JSON.stringify(result)).not.toContain('hunter2');
  expect(result.tookMs).toBeLessThan(1400);
});

it.each([
  ['rtsp-not-found', { status: 404 }],
  ['rtsp-unauthorised', { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } }],
  ['rtsp-timeout', { silent: true }],
] as const)('gives the reason: %s', async (code, answer) => {
  const server = await serve(({ method }) => (method === 'DESCRIBE' ? answer : undefined));
  expect(await probe(server.url(), { timeoutMs: 600 })).toMatchObject({ answers: false, reason: { code } });
});

it('gives the reason where nothing listens', async () => {
  const server = await FakeRtspServer.open();
  const url = server.url();
  await server.close();
  expect(await probe(url)).toMatchObject({ answers: false, reason: { code: 'rtsp-unreachable' } });
});

it('ends when nobody waits for it any more', async () => {
  const server = await serve(({ method }) => (method === 'DESCRIBE' ? { silent: true } : undefined));
  const gone = new AbortController();
  setTimeout(() => gone.abort(), 50);
  const result = await probe(server.url(), { signal: gone.signal, timeoutMs: 10_000 });
  expect(result).toMatchObject({ answers: false, reason: { code: 'aborted' } });
});

it('is over in time also where each answer comes late and that to PLAY never', async () => {
  const server = await serve(({ method, cseq }, socket) => {
    const answer = (headers: string, body = ''): void =>
      void socket.write(`RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`);
    if (method === 'OPTIONS') setTimeout(answer, 800, '');
    else if (method === 'DESCRIBE') setTimeout(answer, 800, 'Content-Type: application/sdp\r\n', TEST_SDP);
    else if (method === 'PLAY') socket.write(pictures(3));
    else return undefined;
    return { silent: true };
  });
  const result = await probe(server.url(), { timeoutMs: 2000 });
  expect(result).toMatchObject({ answers: true, video: { width: 240 } });
  expect(server.methods()).toContain('TEARDOWN');
});

it('keeps no timer for each picture while the size does not come', async () => {
  const body = TEST_SDP.replace(/ sprop-parameter-sets=[^;]*;/, '');
  const play = playing(2000);
  const server = await serve((request, socket) =>
    request.method === 'DESCRIBE' ? { headers: { 'Content-Type': 'application/sdp' }, body } : play(request, socket),
  );
  let timers = 0;
  const after: typeof systemClock.after = (ms, call) => {
    timers++;
    return systemClock.after(ms, call);
  };
  const result = await probe(server.url(), { timeoutMs: 500 }, { ...systemClock, after });
  expect(result).toMatchObject({ answers: true, video: { width: null } });
  expect(timers).toBeLessThan(50);
});
