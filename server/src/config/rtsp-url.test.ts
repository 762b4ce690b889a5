import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LanecastError, messageOf } from '../core/errors.js';
import { redactText } from '../core/redact.js';
import { parseRtspUrl } from './rtsp-url.js';

describe('parseRtspUrl', () => {
  it('takes credentials out, percent-decoded, and keeps path and query as written', () => {
    expect(parseRtspUrl('rtsp://us%20er:p%40s%3As@Cam.local:8554/Live/../ch1?a=1&b=%2F#frag')).toEqual({
      secure: false,
      host: 'Cam.local',
      port: 8554,
      credentials: { username: 'us er', password: 'p@s:s' },
      requestUrl: 'rtsp://Cam.local:8554/Live/../ch1?a=1&b=%2F',
    });
  });

  it.each([
    ['rtsp://cam', { host: 'cam', port: 554, requestUrl: 'rtsp://cam' }],
    ['RTSPS://cam/x', { secure: true, port: 322, requestUrl: 'rtsps://cam/x' }],
    ['rtsp://[2001:db8::1]:8554/x', { host: '2001:db8::1', port: 8554, requestUrl: 'rtsp://[2001:db8::1]:8554/x' }],
    ['rtsp://[::1]/x', { host: '::1', port: 554 }],
    ['rtsp://u:p@ss@cam/x', { host: 'cam', credentials: { username: 'u', password: 'p@ss' } }],
    ['rtsp://user@cam/x', { credentials: { username: 'user', password: '' } }],
    ['rtsp://u:100%@cam/x', { credentials: { username: 'u', password: '100%' } }],
    ['rtsp://cam/a b/ü', { requestUrl: 'rtsp://cam/a%20b/%C3%BC' }],
  ])('%s', (url, expected) => {
    expect(parseRtspUrl(url)).toMatchObject(expected);
  });

  it.each([
    'http://cam/x',
    'cam/x',
    'rtsp://',
    'rtsp:///x',
    'rtsp://u:secret/x@cam/x',
    'rtsp://cam:99999/x',
    'rtsp://cam:0/x',
    'rtsp://[::1/x',
    'rtsp://cam/x\r\nDESCRIBE y',
    `rtsp://cam/${'x'.repeat(5000)}`,
  ])('refuses %j', (url) => {
    expect(() => parseRtspUrl(url)).toThrow(expect.objectContaining({ code: 'bad-url' }));
    expect(() => parseRtspUrl(url)).not.toThrow(/secret/);
  });

  it('says what an address looks like, in words that survive redaction', () => {
    let message = '';
    try {
      parseRtspUrl('cam/x');
    } catch (error) {
      message = redactText(messageOf(error));
    }
    expect(message).toContain('[user:password@]host[:port]/path');
  });

  it('gives a request URL without blanks or control characters, or a typed error, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          expect(parseRtspUrl(`rtsp://cam/${text}`).requestUrl).toMatch(/^rtsp:\/\/cam\/?[\u0021-\u007e]*$/);
        } catch (error) {
          if (!(error instanceof LanecastError)) throw error;
        }
      }),
    );
  });
});
