import fc from 'fast-check';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LanecastError } from '../../core/errors.js';
import type { AccessUnit } from '../depacketise/access-unit.js';
import { createDepacketiser } from '../depacketise/depacketiser.js';
import { packetise } from '../depacketise/testing/packetiser.js';
import { H264_PPS, H264_SPS, slice } from '../depacketise/testing/units.js';
import { RtspClient } from './rtsp-client.js';
import { interleaved, TEST_SDP } from './testing/fake-rtsp-server.js';
import { buildRtp, buildSenderReport } from './testing/rtp-builder.js';

/** Run longer with LANECAST_FUZZ_SECONDS=600; a failure prints the seed that repeats it. */
const FUZZ_SECONDS = Number(process.env['LANECAST_FUZZ_SECONDS'] ?? 1.5);
const MAX_BUFFERED_BYTES = 512 * 1024;

const CODES = [
  'rtsp-unauthorised',
  'rtsp-not-found',
  'rtsp-refused',
  'rtsp-protocol',
  'rtsp-timeout',
  'rtsp-silence',
  'rtsp-closed',
  'unsupported-codec',
  'no-video',
];

/** The server's side of a whole session, one piece for each request, media behind the last. */
const SESSION: readonly Buffer[] = [
  Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER\r\n\r\n'),
  Buffer.from(
    'RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n\r\n',
  ),
  Buffer.from(
    `RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Base: rtsp://cam/x/\r\nContent-Length: ${TEST_SDP.length}\r\n\r\n${TEST_SDP}`,
  ),
  Buffer.from(
    'RTSP/1.0 200 OK\r\nCSeq: 4\r\nSession: abc;timeout=60\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n',
  ),
  Buffer.concat([Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 5\r\nSession: abc\r\n\r\n'), media()]),
];

function media(): Buffer {
  const parts: Buffer[] = [interleaved(1, buildSenderReport(5, 3_900_000_000, 0, 0))];
  let sequenceNumber = 65_530;
  for (let unit = 0; unit < 8; unit++) {
    const nals = unit % 4 === 0 ? [H264_SPS, H264_PPS, slice('h264', 5, 3000)] : [slice('h264', 1, 700)];
    for (const { payload, marker } of packetise('h264', nals, 900)) {
      parts.push(
        interleaved(
          0,
          buildRtp({ payload, marker, sequenceNumber: sequenceNumber++, timestamp: unit * 3600, ssrc: 5 }),
        ),
      );
    }
  }
  parts.push(Buffer.from('OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n'));
  return Buffer.concat(parts);
}

/** One change to the bytes of the session. */
const mutation = fc.record({
  piece: fc.nat(SESSION.length - 1),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom('flip', 'cut', 'insert', 'repeat', 'drop'),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
});

type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(pieces: readonly Buffer[], mutations: readonly Mutation[]): Buffer[] {
  const result = pieces.map((piece) => Buffer.from(piece));
  for (const { piece, at, kind, bytes } of mutations) {
    const from = result[piece]!;
    const offset = Math.floor(at * from.length);
    const [head, tail] = [from.subarray(0, offset), from.subarray(offset)];
    if (kind === 'flip') from.set(bytes.subarray(0, tail.length), offset);
    else if (kind === 'cut') result[piece] = head;
    else if (kind === 'insert') result[piece] = Buffer.concat([head, bytes, tail]);
    else if (kind === 'repeat') result[piece] = Buffer.concat([head, tail, tail]);
    else result[piece] = Buffer.concat([head, tail.subarray(bytes.length)]);
  }
  return result;
}

/** What the server at the other end is to say. */
let pieces: readonly Buffer[] = SESSION;
let chunkBytes = 65_536;
let server: net.Server;

beforeAll(async () => {
  server = net.createServer((socket) => {
    const say = pieces;
    let next = 0;
    socket.on('error', () => undefined);
    // Otherwise small pieces would wait for acknowledgements that the client delays.
    socket.setNoDelay(true);
    socket.on('data', (data) => {
      // Receiver reports want no answer.
      if (!data.includes(' RTSP/1.0\r\n')) return;
      const piece = say[next++];
      if (!piece) return;
      for (let offset = 0; offset < piece.length; offset += chunkBytes)
        socket.write(piece.subarray(offset, offset + chunkBytes));
      // Once all is said the server hangs up.
      if (next === say.length) socket.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

interface Outcome {
  end: LanecastError | null;
  units: AccessUnit[];
  packets: number;
}

async function session(say: readonly Buffer[], chunk: number, timeoutMs = 3000): Promise<Outcome> {
  pieces = say;
  chunkBytes = chunk;
  const outcome: Outcome = { end: null, units: [], packets: 0 };
  const depacketiser = createDepacketiser('h264', {
    onUnit: (unit) => outcome.units.push(unit),
    maxUnitBytes: 100_000,
  });
  await new Promise<void>((resolve) => {
    const client: RtspClient = new RtspClient(
      {
        url: `rtsp://user:hunter22@127.0.0.1:${(server.address() as net.AddressInfo).port}/x`,
        transport: 'tcp',
        answerTimeoutMs: timeoutMs,
        silenceTimeoutMs: 2 * timeoutMs,
        teardownTimeoutMs: 10,
      },
      {
        onPacket: (packet) => {
          outcome.packets++;
          depacketiser.push(packet);
          expect(client.stats.bytesBuffered).toBeLessThan(MAX_BUFFERED_BYTES);
          expect(depacketiser.stats.bufferedBytes).toBeLessThan(MAX_BUFFERED_BYTES);
        },
        onClose: (error) => {
          outcome.end = error;
          resolve();
        },
      },
    );
    client.start().catch((error: unknown) => {
      expect(error).toBeInstanceOf(LanecastError);
      outcome.end = error as LanecastError;
      resolve();
    });
  });
  depacketiser.flush();
  return outcome;
}

describe('a session over a real socket', () => {
  it('ends as expected when nothing is changed', async () => {
    const { end, units } = await session(SESSION, 65_536);
    expect(end?.code).toBe('rtsp-closed');
    expect(units).toHaveLength(8);
    expect(units.every((unit) => !unit.damaged)).toBe(true);
  });

  it('gives the same packets however the bytes are cut', async () => {
    const whole = await session(SESSION, 65_536);
    for (const chunk of [1, 7, 500]) {
      const { units, packets } = await session(SESSION, chunk);
      expect(packets).toBe(whole.packets);
      expect(units.map(({ data }) => Buffer.from(data).toString('hex'))).toEqual(
        whole.units.map(({ data }) => Buffer.from(data).toString('hex')),
      );
    }
  });

  it(
    `always ends in a typed way, whatever the server says (${FUZZ_SECONDS} s)`,
    async () => {
      let sessions = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(mutation, { minLength: 1, maxLength: 5 }),
          fc.constantFrom(3, 200, 65_536),
          async (mutations, chunk) => {
            const { end } = await session(mutate(SESSION, mutations), chunk, 30);
            sessions++;
            expect(CODES).toContain(end?.code);
            expect(end?.message).not.toMatch(/hunter22|[\r\n]/);
          },
        ),
        { numRuns: 1_000_000, interruptAfterTimeLimit: FUZZ_SECONDS * 1000, markInterruptAsFailure: false },
      );
      expect(sessions).toBeGreaterThan(10);
    },
    FUZZ_SECONDS * 1000 + 20_000,
  );
});
