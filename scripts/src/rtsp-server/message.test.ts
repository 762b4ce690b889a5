import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatResponse, frameInterleaved, RtspParser, type InterleavedPacket, type RtspRequest } from './message.js';

const DESCRIBE = 'DESCRIBE rtsp://h/x RTSP/1.0\r\nCSeq: 2\r\nAccept: application/sdp\r\n\r\n';
const ANNOUNCE = 'ANNOUNCE rtsp://h/x RTSP/1.0\r\nCSeq: 3\r\nContent-Length: 5\r\n\r\nv=0\r\n';

function summary(message: RtspRequest | InterleavedPacket): string {
  if (message.type === 'packet') return `${message.channel}:${message.packet.toString('hex')}`;
  return `${message.method} ${message.url} ${message.headers.get('cseq') ?? ''} ${JSON.stringify(message.body)}`;
}

describe('RtspParser', () => {
  const wire = Buffer.concat([
    Buffer.from(DESCRIBE),
    frameInterleaved(1, Buffer.from([0x24, 0x0d, 0x0a])),
    Buffer.from(`\r\n${ANNOUNCE}`),
    frameInterleaved(0, Buffer.alloc(0)),
  ]);
  const expected = ['DESCRIBE rtsp://h/x 2 ""', '1:240d0a', 'ANNOUNCE rtsp://h/x 3 "v=0\\r\\n"', '0:'];

  it('reads requests and packets that are mixed', () => {
    expect(new RtspParser().push(wire).map(summary)).toEqual(expected);
  });

  it('gives the same messages however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(wire.length)), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), wire.length];
        const parser = new RtspParser();
        const messages = edges.slice(1).flatMap((end, index) => parser.push(wire.subarray(edges[index], end)));
        expect(messages.map(summary)).toEqual(expected);
      }),
    );
  });

  it.each([
    ['HTTP', 'GET / HTTP/1.1\r\n\r\n'],
    ['a header without a colon', 'OPTIONS * RTSP/1.0\r\nnonsense\r\n\r\n'],
    ['a length that is no number', 'OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n'],
    ['a length beyond the limit', 'OPTIONS * RTSP/1.0\r\nContent-Length: 999999999\r\n\r\n'],
    ['a head without an end', 'x'.repeat(16 * 1024 + 1)],
  ])('refuses %s', (_, text) => {
    expect(() => new RtspParser().push(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'rtsp-syntax' }));
  });

  it('answers any bytes with messages or RTSP_SYNTAX', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          expect(new RtspParser().push(Buffer.from(bytes))).toBeInstanceOf(Array);
        } catch (error) {
          expect(error).toMatchObject({ code: 'rtsp-syntax' });
        }
      }),
    );
  });
});

it('formats an answer with its length in bytes', () => {
  expect(formatResponse({ status: 200, headers: { Session: 'a' }, body: 'é' }, '7')).toBe(
    'RTSP/1.0 200 OK\r\nCSeq: 7\r\nSession: a\r\nContent-Length: 2\r\n\r\né',
  );
  expect(formatResponse({ status: 400 }, undefined)).toBe('RTSP/1.0 400 Bad Request\r\n\r\n');
});
