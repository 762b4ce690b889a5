import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LanecastError } from '../../core/errors.js';
import { PARSER_LIMITS, RtspStreamParser, type RtspRequest, type RtspResponse } from './message-parser.js';
import { interleaved } from './testing/fake-rtsp-server.js';

type Event = { message: RtspResponse | RtspRequest } | { channel: number; payload: string };

function parse(stream: Uint8Array, chunkSizes: readonly number[] = []): Event[] {
  const events: Event[] = [];
  const parser = new RtspStreamParser({
    onMessage: (message) => events.push({ message }),
    onInterleaved: (channel, payload) => events.push({ channel, payload: Buffer.from(payload).toString('hex') }),
  });
  let offset = 0;
  for (const size of [...chunkSizes, stream.length]) {
    parser.push(Buffer.from(stream.subarray(offset, offset + size)));
    offset += size;
    expect(parser.bufferedBytes).toBeLessThanOrEqual(
      PARSER_LIMITS.bodyBytes + PARSER_LIMITS.headerBytes + stream.length,
    );
  }
  return events;
}

const SESSION = Buffer.concat([
  Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 5\r\n\r\nhello'),
  interleaved(0, Buffer.from('abc')),
  Buffer.from('\r\n'),
  interleaved(1, Buffer.alloc(0)),
  Buffer.from('OPTIONS * RTSP/1.0\nCSeq: 2\n\n'),
  interleaved(0, Buffer.alloc(65_535, 0x24)),
  Buffer.from(
    'RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm="x"\r\nwww-authenticate: Digest a="b",\r\n c="d"\r\n\r\n',
  ),
]);

describe('RtspStreamParser', () => {
  it('finds answers, requests and frames', () => {
    const events = parse(SESSION);
    expect(events).toHaveLength(6);
    expect(events[0]).toMatchObject({
      message: { kind: 'response', status: 200, body: new Uint8Array(Buffer.from('hello')) },
    });
    expect(events[1]).toEqual({ channel: 0, payload: '616263' });
    expect(events[3]).toMatchObject({ message: { kind: 'request', method: 'OPTIONS' } });
    const last = events[5] as { message: RtspResponse };
    expect(last.message.headers.get('www-authenticate')).toEqual(['Basic realm="x"', 'Digest a="b", c="d"']);
  });

  it('gives the same however the stream is cut', () => {
    const whole = parse(SESSION);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 60 }), (sizes) => {
        expect(parse(SESSION, sizes)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
    expect(parse(SESSION.subarray(0, 300), new Array<number>(300).fill(1))).toEqual(parse(SESSION.subarray(0, 300)));
  });

  it('takes any bytes with a typed error or none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, asHeader) => {
        try {
          parse(asHeader ? Buffer.concat([Buffer.from('RTSP/1.0 200 OK\r\n'), bytes]) : bytes, [7, 11, 1]);
        } catch (error) {
          if (!(error instanceof LanecastError)) throw error;
          expect(error.code).toBe('rtsp-protocol');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('looks at a body that comes byte by byte in linear time', () => {
    const head = `RTSP/1.0 200 OK\r\n${'x: y\r\n'.repeat(90)}Content-Length: ${PARSER_LIMITS.bodyBytes}\r\n\r\n`;
    const stream = Buffer.concat([Buffer.from(head), Buffer.alloc(PARSER_LIMITS.bodyBytes, 0x61)]);
    const startMs = performance.now();
    const events = parse(stream, new Array<number>(20_000).fill(10));
    expect(events).toHaveLength(1);
    // Parsing the header section for each chunk anew would take many seconds.
    expect(performance.now() - startMs).toBeLessThan(2000);
  });

  it('delivers nothing after stop(), not even from the chunk at hand', () => {
    let count = 0;
    const parser: RtspStreamParser = new RtspStreamParser({
      onMessage: () => undefined,
      onInterleaved: () => {
        count++;
        parser.stop();
      },
    });
    parser.push(Buffer.concat([interleaved(0, Buffer.from('a')), interleaved(0, Buffer.from('b')), Buffer.from('$')]));
    parser.push(interleaved(0, Buffer.from('c')));
    expect(count).toBe(1);
    expect(parser.bufferedBytes).toBe(0);
  });

  it.each([
    ['a negative length', 'RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['a length that is no number', 'RTSP/1.0 200 OK\r\nContent-Length: 1e3\r\n\r\n'],
    ['a start line that is neither', 'HELLO\r\n\r\n'],
  ])('refuses %s', (_name, text) => {
    expect(() => parse(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'rtsp-protocol' }));
  });
});
