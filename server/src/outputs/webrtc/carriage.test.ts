import { expect, it } from 'vitest';
import { carriages, type CarriageRules } from './carriage.js';

const STREAMS = [
  { id: 'plain', webrtcFault: null },
  { id: 'new', webrtcFault: 'h265' },
  { id: 'reordered', webrtcFault: 'b-frames' },
  { id: 'deep', webrtcFault: 'h264-profile' },
] as const;

function ways(rules: Partial<CarriageRules> = {}): string[] {
  const all = { transcode: 'auto', maxTranscodes: 8, encoderFault: null, failure: () => null, ...rules } as const;
  return [...carriages(STREAMS, all)].map(([id, { carriage, reason }]) => `${id} ${carriage} ${reason ?? ''}`);
}

it('transcodes what WebRTC cannot carry, and says from what', () => {
  expect(ways()).toEqual([
    'plain webrtc ',
    expect.stringMatching(/^new transcoded Transcoded from H\.265/),
    expect.stringMatching(/^reordered transcoded Transcoded from H\.264 with B-frames/),
    expect.stringMatching(/^deep transcoded Transcoded from a profile/),
  ]);
});

it('does not where it must not, or cannot', () => {
  expect(ways({ transcode: 'never' })[1]).toMatch(/^new mjpeg This camera sends H\.265.*H\.264$/);
  expect(ways({ encoderFault: 'no encoder' })[1]).toMatch(/set it to H\.264\. It is not transcoded: no encoder$/);
});

it('leaves those out that exceed the number, in the order they are configured', () => {
  const limited = ways({ maxTranscodes: 1 });
  expect(limited[1]).toMatch(/^new transcoded/);
  expect(limited[2]).toMatch(/^reordered mjpeg .*1 other stream is already \(webrtc\.maxTranscodes\)$/);
  expect(limited[3]).toMatch(/^deep mjpeg/);
});

it('gives the place of a stream whose transcoder failed to the next', () => {
  const limited = ways({ maxTranscodes: 1, failure: (id) => (id === 'new' ? 'it broke' : null) });
  expect(limited[1]).toMatch(/^new mjpeg .*It is not transcoded: it broke$/);
  expect(limited[2]).toMatch(/^reordered transcoded/);
});
