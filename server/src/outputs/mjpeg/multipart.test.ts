import { expect, it } from 'vitest';

import type { Framing } from './multipart.js';
import { BROWSER_FRAMING, framingFor, LENGTH_FRAMING, MULTIPART_CONTENT_TYPE } from './multipart.js';

const JPEG = Buffer.from('JPEG');
const sent = ({ preamble, frame }: Framing): string =>
  Buffer.concat([preamble, ...frame(JPEG), ...frame(JPEG)]).toString('latin1');

it('closes each part with its own delimiter and says its length', () => {
  expect(MULTIPART_CONTENT_TYPE).toBe('multipart/x-mixed-replace; boundary=lanecast');
  expect(sent(LENGTH_FRAMING)).toBe(
    '--lanecast\r\n' +
      'Content-Type: image/jpeg\r\nContent-Length: 4\r\n\r\nJPEG\r\n--lanecast\r\n' +
      'Content-Type: image/jpeg\r\nContent-Length: 4\r\n\r\nJPEG\r\n--lanecast\r\n',
  );
});

it('sends the next head right behind each picture to browsers', () => {
  expect(sent(BROWSER_FRAMING)).toBe(
    '--lanecast\r\nContent-Type: image/jpeg\r\n\r\n' +
      'JPEG\r\n--lanecast\r\nContent-Type: image/jpeg\r\n\r\n' +
      'JPEG\r\n--lanecast\r\nContent-Type: image/jpeg\r\n\r\n',
  );
});

it.each([
  ['image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', BROWSER_FRAMING],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8', BROWSER_FRAMING],
  ['*/*', LENGTH_FRAMING],
  ['multipart/x-mixed-replace', LENGTH_FRAMING],
  [undefined, LENGTH_FRAMING],
])('Accept: %s', (accept, framing) => {
  expect(framingFor(accept)).toBe(framing);
});
