import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LanecastError } from '../../core/errors.js';
import { parseSdp } from './sdp.js';
import { TEST_SDP } from './testing/fake-rtsp-server.js';

const sdp = (...lines: string[]): string => ['v=0', 's=x', ...lines].join('\r\n');
const H264 = ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000'];

describe('parseSdp', () => {
  it('reads the video of a camera', () => {
    expect(parseSdp(TEST_SDP)).toMatchObject({
      codec: 'h264',
      payloadType: 96,
      clockRate: 90_000,
      control: 'trackID=1',
      sessionControl: '*',
    });
  });

  it('takes the parameter sets of H.265 in decoding order', () => {
    const video = parseSdp(
      sdp(
        'm=video 0 RTP/AVP 98',
        'a=rtpmap:98  h265/90000',
        'a=fmtp:98 sprop-pps=RAHAc8Ak; sprop-vps=QAEMAf//; SPROP-SPS=AAAAAUIBAQFg',
        'a=control:1',
      ),
    );
    expect(video.codec).toBe('h265');
    // The start code that some cameras put in front is gone.
    expect(video.parameterSets.map((nal) => nal[0]! >> 1)).toEqual([32, 33, 34]);
    expect(video.control).toBe('1');
    // Each has memory of its own.
    expect(video.parameterSets.every((nal) => nal.buffer.byteLength === nal.length)).toBe(true);
  });

  it('passes over audio, metadata and video of other kinds', () => {
    const video = parseSdp(
      sdp(
        'm=audio 0 RTP/AVP 0',
        'a=control:track1',
        'm=video 0 RTP/AVP 26',
        'a=control:track2',
        'm=application 0 RTP/AVP 107',
        'm=video 0 RTP/AVP 97 96',
        'a=rtpmap:97 VP8/90000',
        'a=rtpmap:96 H264/90000',
        'a=control:track3',
      ),
    );
    expect(video).toMatchObject({ payloadType: 96, control: 'track3', parameterSets: [] });
  });

  it.each([
    [
      'names the codec that is not supported',
      sdp('m=video 0 RTP/AVP 26 96', 'a=rtpmap:96 VP9/90000'),
      'unsupported-codec',
      'JPEG, VP9',
    ],
    ['refuses interleaved H.264', sdp(...H264, 'a=fmtp:96 packetization-mode=2'), 'unsupported-codec', 'interleaved'],
    [
      'refuses H.265 out of order',
      sdp('m=video 0 RTP/AVP 96', 'a=rtpmap:96 H265/90000', 'a=fmtp:96 sprop-max-don-diff=3'),
      'unsupported-codec',
      'sprop-max-don-diff',
    ],
    ['finds no video', sdp('m=audio 0 RTP/AVP 0'), 'no-video', 'no video'],
    ['is not given a description', '<html>', 'rtsp-protocol', 'session description'],
    [
      'refuses a clock that no standard allows',
      sdp('m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/48000'),
      'rtsp-protocol',
      'H264 with an RTP clock of 48000 Hz',
    ],
    ['is given nothing', '', 'rtsp-protocol', 'session description'],
  ])('%s', (_name, text, code, part) => {
    expect(() => parseSdp(text)).toThrow(expect.objectContaining({ code }));
    expect(() => parseSdp(text)).toThrow(part);
  });

  it.each([
    ['fmtp that looks like a number', [...H264, 'a=fmtp:96 5', 'a=control:7'], { control: '7' }],
    ['a clock rate of zero', ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/0'], { clockRate: 90_000 }],
    ['parameter sets that are no base64', [...H264, 'a=fmtp:96 sprop-parameter-sets=!!!,,='], { parameterSets: [] }],
    ['names that exist on every object', [...H264, 'a=fmtp:96 __proto__=1;constructor=2', 'a=__proto__:x'], {}],
  ])('copes with %s', (_name, lines, expected) => {
    expect(parseSdp(sdp(...lines))).toMatchObject(expected);
  });

  it('takes any text in bounded time', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'm=video 0 RTP/AVP 96',
        'a=rtpmap:96 H264/90000',
        'a=fmtp:96 ',
        'a=control:',
        '\r\n',
        'm=',
        'a=candidate:',
      ),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          expect(parseSdp(pieces.join('')).payloadType).toBeLessThan(128);
        } catch (error) {
          if (!(error instanceof LanecastError)) throw error;
        }
      }),
      { numRuns: 300 },
    );
    const startMs = performance.now();
    const hostile = `${sdp(...H264)}\r\na=candidate:${' 1'.repeat(60_000)}\r\na=fmtp:96 ${';='.repeat(60_000)}`;
    expect(parseSdp(hostile).codec).toBe('h264');
    expect(performance.now() - startMs).toBeLessThan(2000);
  });
});
