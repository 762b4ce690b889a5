import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { RtspServer } from '@lanecast/scripts/rtsp-server/server';
import { seededRandom } from '../dist/core/random.js';
import type { LivePipeline } from '../dist/pipeline/live-pipeline.js';
import { CLIP, collectTracks, QUICK, Rig, stateOf, until } from './pipeline-rig.js';

const PASSWORD = 'hunter2-secret';

/** A camera that speaks just enough RTSP to offer what is said. */
async function scriptedCamera(sdp: string): Promise<{ url: string; server: Server }> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => {
      for (const request of data.toString('latin1').split('\r\n\r\n').filter(Boolean)) {
        const cseq = /CSeq: *(\d+)/i.exec(request)?.[1] ?? '0';
        const body = request.startsWith('DESCRIBE') ? sdp : '';
        const type = body ? `Content-Type: application/sdp\r\nContent-Length: ${body.length}\r\n` : '';
        socket.write(`RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\n${type}\r\n${body}`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `rtsp://127.0.0.1:${(server.address() as { port: number }).port}/x`, server };
}

describe('a camera that is bad in one way, beside one that is good', () => {
  let rig: Rig;
  let locked: RtspServer;
  let pipeline: LivePipeline;
  let other: Server;
  let closedPort: number;

  beforeAll(async () => {
    rig = await Rig.start();
    await Promise.all(['good', 'killed', 'frozen', 'garbled'].map((path) => rig.publish(path)));
    locked = await RtspServer.listen({ port: 0, credentials: { username: 'viewer', password: 'right' } });
    const offer = 'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\na=control:track1\r\n';
    const jpegCamera = await scriptedCamera(offer);
    other = jpegCamera.server;
    const unused = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => unused.once('listening', resolve));
    closedPort = (unused.address() as { port: number }).port;
    await new Promise((resolve) => unused.close(resolve));
    pipeline = await rig.pipeline(
      [
        { id: 'good', url: rig.server.url('good') },
        { id: 'killed', url: rig.server.url('killed') },
        { id: 'frozen', url: rig.server.url('frozen') },
        { id: 'garbled', url: rig.server.url('garbled') },
        { id: 'refused', url: `rtsp://127.0.0.1:${closedPort}/x` },
        { id: 'nohost', url: 'rtsp://camera.invalid/x' },
        { id: 'wrongpath', url: rig.server.url('no-such-path') },
        { id: 'wrongpassword', url: `rtsp://viewer:${PASSWORD}@127.0.0.1:${locked.port}/x` },
        { id: 'jpeg', url: jpegCamera.url },
      ],
      // A damaged keyframe costs every picture up to the next, a second later: no stall while a few in a row are damaged.
      { ingest: { ...QUICK, stallTimeoutMs: 4000 } },
    );
    await until(
      () => ['good', 'killed', 'frozen', 'garbled'].every((id) => stateOf(pipeline, id).state === 'live'),
      'the good cameras are live',
    );
  });
  afterAll(async () => {
    await rig.close();
    await locked.close();
    other.close();
  });

  it('is tried again and again, and in the log once', async () => {
    let tries = 0;
    const stop = pipeline.onState(({ id, state }) => (tries += id === 'refused' && state === 'backoff' ? 1 : 0));
    await until(() => tries >= 3, 'it was tried three times');
    stop();
    expect(rig.lines.filter((line) => line.includes(' refused: '))).toHaveLength(1);
    expect(rig.lines.filter((line) => line.includes(' good is live'))).toHaveLength(1);
  });

  it.each([
    ['refused', ['backoff', 'connecting'], 'rtsp-unreachable', /refused/i],
    ['nohost', ['backoff', 'connecting'], 'rtsp-unreachable', /camera\.invalid/],
    ['wrongpath', ['backoff', 'connecting'], 'rtsp-not-found', /path/],
    ['wrongpassword', ['failed', 'connecting'], 'rtsp-unauthorised', /password/],
    ['jpeg', ['failed', 'connecting'], 'unsupported-codec', /JPEG/],
  ])('%s: says what to do, in one line', async (id, states, code, message) => {
    await until(() => stateOf(pipeline, id).reason !== null, `${id} has a reason`);
    const { state, reason } = stateOf(pipeline, id);
    expect(states).toContain(state);
    expect(reason!.code).toBe(code);
    expect(reason!.message).toMatch(message);
    expect(reason!.message).not.toContain('\n');
  });

  it('never shows the password', () => {
    const shown = JSON.stringify([pipeline.streams(), pipeline.stats(), rig.lines]);
    expect(shown).not.toContain(PASSWORD);
    expect(shown).toContain('wrongpassword');
  });

  it('returns after its publisher was killed and restarted, with time that goes on', async () => {
    const [before] = await collectTracks(pipeline, 'killed', 1);
    await rig.unpublish('killed');
    await until(() => stateOf(pipeline, 'killed').state === 'backoff', 'the loss is noticed');
    await rig.publish('killed');
    await until(() => stateOf(pipeline, 'killed').state === 'live', 'it is live again');
    const after = await collectTracks(pipeline, 'killed', 5);
    expect(after[0]!.ptsUs).toBeGreaterThan(before!.ptsUs);
    expect(after[0]!.epoch).toBeGreaterThan(before!.epoch);
  });

  it('is called stalled when it freezes with the socket open, and returns', async () => {
    rig.faults.freeze('frozen');
    await until(() => stateOf(pipeline, 'frozen').reason?.code === 'stalled', 'the stall is noticed');
    expect(stateOf(pipeline, 'frozen').reason!.message).toMatch(/no video frame for/);
    rig.faults.thaw('frozen');
    await until(() => stateOf(pipeline, 'frozen').state === 'live', 'it is live again');
  });

  it('goes on through truncated and random RTP: keyframes mend it', async () => {
    const random = seededRandom(7);
    rig.faults.corrupt('garbled', { rate: 0.05, kinds: ['noise', 'truncate', 'runt'], random });
    await until(() => stateOf(pipeline, 'garbled').counters.unitsDamaged > 3, 'damage is counted', 30_000);
    expect(stateOf(pipeline, 'garbled').counters.connects).toBe(1);
    rig.faults.clear('garbled');
    await until(() => stateOf(pipeline, 'garbled').state === 'live', 'it is live');
    await collectTracks(pipeline, 'garbled', 20);
    expect(stateOf(pipeline, 'garbled').counters.connects).toBe(1);
  });

  it('was never noticed by the good one', () => {
    const { state, epoch, counters } = stateOf(pipeline, 'good');
    expect({ state, epoch }).toEqual({ state: 'live', epoch: 1 });
    expect(counters).toMatchObject({ connects: 1, packetsLost: 0, unitsDamaged: 0, decodeErrors: 0 });
  });
});

describe('a camera that changes', () => {
  it('is there later than we are, and comes back with another codec and size', async () => {
    const rig = await Rig.start();
    try {
      const pipeline = await rig.pipeline([{ id: 'cam', url: rig.server.url('cam') }]);
      await until(() => stateOf(pipeline, 'cam').reason?.code === 'rtsp-not-found', 'it is not there yet');
      await rig.publish('cam');
      await until(() => stateOf(pipeline, 'cam').state === 'live', 'it is live');
      expect(stateOf(pipeline, 'cam')).toMatchObject({ codec: 'h264', width: 640, height: 360 });
      await rig.unpublish('cam');
      const boxes = [{ ...CLIP.boxes![0]!, lanePx: 200, speedPxPerS: 200 }];
      await rig.publish('cam', { ...CLIP, boxes, codec: 'h265', widthPx: 960, heightPx: 540 });
      await until(() => stateOf(pipeline, 'cam').width === 960, 'the new size is seen');
      expect(stateOf(pipeline, 'cam')).toMatchObject({ codec: 'h265', height: 540 });
      const messages = await collectTracks(pipeline, 'cam', 10);
      expect(messages.every((m) => m.width === 960 && m.height === 540)).toBe(true);
    } finally {
      await rig.close();
    }
  });
});
