import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LanecastError } from '../../core/errors.js';
import { checkOffer, parseIceFragment } from './whep-sdp.js';

const OFFER = [
  'v=0',
  'o=- 1 1 IN IP4 0.0.0.0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=ice-ufrag:abcd',
  'a=fingerprint:sha-256 00',
  'a=rtpmap:96 H264/90000',
  '',
].join('\r\n');

describe('checkOffer', () => {
  it('passes an offer of H.264', () => {
    expect(() => checkOffer(OFFER)).not.toThrow();
  });

  it.each([
    ['nothing', '', 'sdp-malformed'],
    ['no media', 'v=0\r\n', 'sdp-malformed'],
    ['another codec', OFFER.replace('H264', 'VP8'), 'offer-without-h264'],
    ['H.264 in what is not video', OFFER.replace('m=video', 'm=text'), 'offer-without-h264'],
    ['no fingerprint', OFFER.replace(/a=fingerprint.*\r\n/, ''), 'sdp-malformed'],
    ['no ICE', OFFER.replace(/a=ice-ufrag.*\r\n/, ''), 'sdp-malformed'],
  ])('refuses %s', (_, sdp, code) => {
    expect(() => checkOffer(sdp)).toThrow(expect.objectContaining({ code }) as Error);
  });
});

describe('parseIceFragment', () => {
  it('reads candidates with their media line, and whose they are', () => {
    const text =
      'a=ice-ufrag:abcd\r\na=ice-pwd:x\r\nm=video 9 RTP/AVP 0\r\na=mid:1\r\na=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\na=end-of-candidates\r\n';
    expect(parseIceFragment(text)).toEqual({
      ufrag: 'abcd',
      candidates: [{ candidate: 'candidate:1 1 udp 1 192.0.2.1 5 typ host', mid: '1' }],
    });
    expect(parseIceFragment('')).toEqual({ ufrag: null, candidates: [] });
  });

  it('bounds how many', () => {
    expect(() => parseIceFragment('a=candidate:1\n'.repeat(65))).toThrow(/More than 64/);
  });

  it('reads or refuses whatever text comes, with a typed error', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `a=candidate:${text}`),
        ),
        (text) => {
          try {
            expect(parseIceFragment(text).candidates.length).toBeLessThanOrEqual(64);
          } catch (error) {
            expect(error).toBeInstanceOf(LanecastError);
          }
        },
      ),
    );
  });
});
