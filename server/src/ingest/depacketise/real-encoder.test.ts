import { execFile, spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { RtpReceiver } from '../rtsp/rtp-receiver.js';
import { FakeClock } from '../rtsp/testing/fake-clock.js';
import type { AccessUnit } from './access-unit.js';
import type { VideoCodec } from './codec-rules.js';
import { createDepacketiser } from './depacketiser.js';
import { annexB, splitAnnexB } from './testing/packetiser.js';

const run = promisify(execFile);
const encoders = spawnSync('ffmpeg', ['-hide_banner', '-encoders'], { encoding: 'utf8' }).stdout as string | null;

/**
 * The file's start codes are of three or four bytes, and ffmpeg counts the first zero of a long one to the NAL unit
 * before it: both mean the same.
 */
function withoutTrailingZeros(stream: Uint8Array): Buffer {
  return annexB(
    splitAnnexB(stream).map((nal) => {
      let end = nal.length;
      while (end > 0 && nal[end - 1] === 0) end--;
      return nal.subarray(0, end);
    }),
  );
}

/** Encodes a second of a test picture, sends it as RTP to a UDP port and takes it apart again. */
async function throughRtp(codec: VideoCodec, encoder: string[]): Promise<{ units: AccessUnit[]; sent: Buffer }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lanecast-rtp-'));
  const socket = dgram.createSocket('udp4');
  try {
    const file = path.join(folder, `clip.${codec}`);
    const source = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25', '-t', '0.6', '-pix_fmt', 'yuv420p'];
    await run('ffmpeg', ['-v', 'error', ...source, ...encoder, file]);
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const units: AccessUnit[] = [];
    const depacketiser = createDepacketiser(codec, { onUnit: (unit) => units.push(unit) });
    const receiver = new RtpReceiver(
      { payloadType: 96, clockRate: 90_000, reorderWaitMs: 0, reorderPackets: 64, clock: new FakeClock() },
      { onPacket: (packet) => depacketiser.push(packet), onSenderReport: () => undefined, onBye: () => undefined },
    );
    socket.on('message', (message) => receiver.receiveRtp(message));
    const target = `rtp://127.0.0.1:${socket.address().port}?pkt_size=1200`;
    await run('ffmpeg', [
      '-v',
      'error',
      '-re',
      '-f',
      codec === 'h264' ? 'h264' : 'hevc',
      '-i',
      file,
      '-c',
      'copy',
      '-f',
      'rtp',
      target,
    ]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    depacketiser.flush();
    receiver.close();
    return { units, sent: await readFile(file) };
  } finally {
    socket.close();
    await rm(folder, { recursive: true, force: true });
  }
}

describe.each([
  ['h264', 'libx264', ['-c:v', 'libx264', '-bf', '0', '-g', '10', '-slices', '2', '-f', 'h264']],
  [
    'h265',
    'libx265',
    ['-c:v', 'libx265', '-x265-params', 'log-level=none:keyint=10:bframes=0:repeat-headers=1', '-f', 'hevc'],
  ],
] as const)('%s from a real encoder over RTP', (codec, encoder, encoderArguments) => {
  const missing = encoders?.includes(encoder) !== true;

  it.skipIf(missing)(
    `comes out bit-exact (needs ffmpeg with ${encoder})`,
    async () => {
      const { units, sent } = await throughRtp(codec, [...encoderArguments]);

      expect(units).toHaveLength(15);
      expect(units.filter((unit) => unit.damaged || unit.lostBefore > 0)).toEqual([]);
      expect(units.every((unit) => unit.endedBy === 'marker')).toBe(true);
      expect(units[0]).toMatchObject({ isKeyframe: true, hasParameterSets: true });
      const received = Buffer.concat(units.map((unit) => unit.data));
      expect(withoutTrailingZeros(received).equals(withoutTrailingZeros(sent))).toBe(true);
    },
    20_000,
  );
});
