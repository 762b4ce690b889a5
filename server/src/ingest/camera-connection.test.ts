import { afterEach, describe, expect, it } from 'vitest';
import type { LanecastError } from '../core/errors.js';
import { DEFAULT_PICTURE_PIXELS } from '../core/picture-limits.js';
import { WorkSignal } from '../core/work-signal.js';
import { systemClock } from '../ops/clock.js';
import { quietFfmpeg } from '../ops/quiet-ffmpeg.js';
import { needsAPerson } from './backoff.js';
import { CameraConnection } from './camera-connection.js';
import { openNvdecDevice } from './decode/nvdec-device.js';
import { brokenKeyframe } from './depacketise/testing/broken-keyframe.js';
import { FramePath } from './frame-path.js';
import type { IngestStreamOptions } from './messages.js';
import { FakeRtspServer, interleaved } from './rtsp/testing/fake-rtsp-server.js';
import { buildRtp } from './rtsp/testing/rtp-builder.js';
import { hasOpenssl, openTlsFront } from './rtsp/testing/tls-front.js';

quietFfmpeg();

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Plays one keyframe of a camera; resolves when a picture came out of it, or when the connection ended. */
async function watch(
  nals: readonly Buffer[],
  tls?: Pick<IngestStreamOptions, 'tlsAllowSelfSigned'>,
): Promise<{ path: FramePath; error: LanecastError | null }> {
  const server = await FakeRtspServer.open((request) => {
    if (request.method !== 'PLAY') return undefined;
    const frames = nals.map((payload, i) =>
      interleaved(0, buildRtp({ payload, sequenceNumber: i, timestamp: 90_000, marker: i === nals.length - 1 })),
    );
    return { headers: { Session: '12345678' }, then: Buffer.concat(frames) };
  });
  cleanups.push(() => server.close());
  const front = tls && (await openTlsFront(server.port));
  if (front) cleanups.push(() => front.close());
  const stream: IngestStreamOptions = {
    index: 0,
    id: 'camera',
    url: front ? `rtsps://127.0.0.1:${front.port}/x` : server.url(),
    transport: 'tcp',
    tlsAllowSelfSigned: tls?.tlsAllowSelfSigned ?? false,
    maxPicturePixels: DEFAULT_PICTURE_PIXELS,
    nvdec: false,
    readFrameNumbers: false,
    connectTimeoutMs: 3000,
    stallTimeoutMs: 3000,
    backoffMinMs: 100,
    backoffMaxMs: 100,
    startPtsUs: 0,
    startEpoch: 1,
    detector: null,
  };
  return new Promise((resolve) => {
    const path = new FramePath(stream, systemClock, new WorkSignal(), openNvdecDevice, {
      onPicture: () => resolve({ path, error: null }),
      onUntracked: () => undefined,
      onUnit: () => undefined,
      onArrivals: () => undefined,
      onFrameNumber: () => undefined,
    });
    const connection = new CameraConnection(stream, systemClock, path, {
      onReady: () => undefined,
      onClose: (error) => resolve({ path, error }),
    });
    cleanups.push(() => {
      connection.close();
      path.close();
    });
    connection.start();
  });
}

describe('CameraConnection', () => {
  it('takes a camera to its first picture', async () => {
    const { path, error } = await watch(brokenKeyframe(20));
    expect(error).toBeNull();
    expect(path.size).toEqual({ width: 320, height: 320 });
  });

  it('ends a camera that announces monstrous pictures before it decodes one, and says that a person must act', async () => {
    const { path, error } = await watch(brokenKeyframe(999));
    expect(error?.code).toBe('picture-too-large');
    expect(error?.message).toContain('15984x15984');
    expect(error?.message).not.toContain('or set ingest.maxPicturePixels');
    expect(needsAPerson(error!.code)).toBe(true);
    expect(path.counters.accessUnits).toBe(0);
  });

  it.skipIf(!hasOpenssl)('takes a self-signed certificate where the stream allows it (needs openssl)', async () => {
    const allowed = await watch(brokenKeyframe(20), { tlsAllowSelfSigned: true });
    expect(allowed.error).toBeNull();
    const refused = await watch(brokenKeyframe(20), { tlsAllowSelfSigned: false });
    expect(refused.error?.message).toContain('tlsAllowSelfSigned: true');
  });

  it('names the setting that would let a larger picture through', async () => {
    const { error } = await watch(brokenKeyframe(300));
    expect(error?.code).toBe('picture-too-large');
    expect(error?.message).toMatch(/4800x4800, .* or set ingest\.maxPicturePixels to 23040000 or more$/);
  });
});
