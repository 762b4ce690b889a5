import { expect, it } from 'vitest';
import { findTrack, parsePublishedSdp } from './sdp.js';

const ANNOUNCED = [
  'v=0',
  'o=- 0 0 IN IP4 127.0.0.1',
  'a=control:*',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=control:streamid=0',
  'm=audio 0 RTP/AVP 97',
  'a=rtpmap:97 MPEG4-GENERIC/48000/2',
  'a=control:rtsp://h/x/streamid=1',
  '',
].join('\r\n');

it('finds tracks, codecs and controls', () => {
  expect(parsePublishedSdp(ANNOUNCED).tracks).toEqual([
    { index: 0, media: 'video', codec: 'h264', control: 'streamid=0' },
    { index: 1, media: 'audio', codec: null, control: 'rtsp://h/x/streamid=1' },
  ]);
  expect(parsePublishedSdp('m=video 0 RTP/AVP 96\na=rtpmap:96 H265/90000\n').tracks[0]?.codec).toBe('h265');
  expect(parsePublishedSdp('v=0\r\n').tracks).toEqual([]);
});

it('gives readers controls of its own and leaves the rest', () => {
  const lines = parsePublishedSdp(ANNOUNCED).text.split('\r\n');
  expect(lines.filter((line) => line.startsWith('a=control'))).toEqual([
    'a=control:*',
    'a=control:trackID=0',
    'a=control:trackID=1',
  ]);
  expect(lines).toContain('a=rtpmap:96 H264/90000');
});

it('finds a track by either name, and the only one without', () => {
  const { tracks } = parsePublishedSdp(ANNOUNCED);
  expect(findTrack(tracks, 'streamid=0')?.index).toBe(0);
  expect(findTrack(tracks, 'streamid=1')?.index).toBe(1);
  expect(findTrack(tracks, 'trackID=1')?.index).toBe(1);
  expect(findTrack(tracks, 'trackID=2')).toBeUndefined();
  expect(findTrack(tracks, '')).toBeUndefined();
  expect(findTrack(tracks.slice(0, 1), '')?.index).toBe(0);
});
