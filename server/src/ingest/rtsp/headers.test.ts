import { describe, expect, it } from 'vitest';
import { baseUrl, resolveControl } from './control-url.js';
import { followRedirect } from './redirect.js';
import { parseRtspUrl } from '../../config/rtsp-url.js';
import { parseSessionHeader } from './session-header.js';
import { parseTransportHeader } from './transport-header.js';

const REQUEST = 'rtsp://cam:8554/live?x=1';

describe('baseUrl', () => {
  it.each([
    ['Content-Base first', 'rtsp://cam/a/', 'rtsp://cam/b/', 'rtsp://cam/a/'],
    ['then Content-Location', undefined, 'rtsp://cam/b/', 'rtsp://cam/b/'],
    ['then the request', undefined, undefined, REQUEST],
    ['a path of the same server', '/c/', undefined, 'rtsp://cam:8554/c/'],
    ['nothing unusable', 'not a url', '', REQUEST],
    ['no credentials', 'rtsp://u:p@cam/a/', undefined, 'rtsp://cam/a/'],
  ])('takes %s', (_name, base, location, expected) => {
    expect(baseUrl(base, location, REQUEST)).toBe(expected);
  });
});

describe('resolveControl', () => {
  it.each([
    ['rtsp://cam/live', null, 'rtsp://cam/live'],
    ['rtsp://cam/live', '*', 'rtsp://cam/live'],
    ['rtsp://cam/live', 'trackID=1', 'rtsp://cam/live/trackID=1'],
    ['rtsp://cam/live/', 'trackID=1', 'rtsp://cam/live/trackID=1'],
    ['rtsp://cam/live?x=1', 'trackID=1', 'rtsp://cam/live?x=1/trackID=1'],
    ['rtsp://cam/live/', '/track1', 'rtsp://cam/live/track1'],
    ['rtsp://cam/live', '?ctype=video', 'rtsp://cam/live?ctype=video'],
    ['rtsp://cam/live', 'rtsp://u:p@other/t1', 'rtsp://other/t1'],
    ['rtsp://cam/live', 'http://other/t1', 'rtsp://cam/live'],
    ['rtsp://cam/live', 'a b\r\nPLAY x', 'rtsp://cam/live/a%20b%0D%0APLAY%20x'],
  ])('%s + %s', (base, control, expected) => {
    expect(resolveControl(base, control)).toBe(expected);
  });
});

describe('followRedirect', () => {
  const from = parseRtspUrl('rtsps://user:pw@cam/x');
  it.each([
    ['rtsps://CAM:1/y', { username: 'user', password: 'pw' }],
    ['/elsewhere', { username: 'user', password: 'pw' }],
    ['rtsps://other/y', null],
    ['rtsp://cam/y', null],
    ['rtsp://a:b@other/y', { username: 'a', password: 'b' }],
  ])('to %s', (location, credentials) => {
    expect(followRedirect(from, location).credentials).toEqual(credentials);
  });
});

describe('parseTransportHeader', () => {
  it.each([
    ['RTP/AVP/TCP;unicast;interleaved=2-3', { protocol: 'tcp', interleaved: [2, 3] }],
    ['RTP/AVP/TCP;interleaved=4;ssrc=1', { protocol: 'tcp', interleaved: [4, 5] }],
    ['rtp/avp/udp; unicast; client_port=1-2; server_port=6970-6971', { protocol: 'udp', serverPorts: [6970, 6971] }],
    ['RTP/AVP;multicast;port=1-2', { protocol: 'udp', multicast: true }],
    ['RTP/AVP/TCP;interleaved=999-x', { interleaved: null }],
  ])('%s', (header, expected) => {
    expect(parseTransportHeader(header)).toMatchObject(expected);
  });

  it('refuses what it does not know', () => {
    expect(parseTransportHeader('')).toBeNull();
    expect(parseTransportHeader('RAW/RAW/UDP;unicast')).toBeNull();
  });
});

describe('parseSessionHeader', () => {
  it.each([
    ['12345678', { id: '12345678', timeoutS: 60 }],
    ['abc ; timeout = 30', { id: 'abc', timeoutS: 30 }],
    ['abc;timeout=0', { id: 'abc', timeoutS: 1 }],
    ['abc;timeout=999999', { id: 'abc', timeoutS: 3600 }],
    ['', null],
    ['a b', null],
    ['x'.repeat(300), null],
  ])('%s', (header, expected) => {
    expect(parseSessionHeader(header)).toEqual(expected);
  });
});
