import fc from 'fast-check';
import { expect, it } from 'vitest';
import { redactUrls } from './redact.js';

it('removes user and password from every URL of a text', () => {
  expect(redactUrls('a rtsp://u:p@h:1/x b http://u@h')).toBe('a rtsp://h:1/x b http://h');
  expect(redactUrls('rtsp://u:p@ss@h/x')).toBe('rtsp://h/x');
});

it('leaves text without credentials alone', () => {
  expect(redactUrls('rtsp://127.0.0.1:8554/stream0 mail@example.org')).toBe(
    'rtsp://127.0.0.1:8554/stream0 mail@example.org',
  );
});

it('never lets a password through', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9:@!$]{6,20}$/), (password) => {
      expect(redactUrls(`cannot open rtsp://user:${password}@camera:554/x`)).toBe('cannot open rtsp://camera:554/x');
    }),
  );
});
