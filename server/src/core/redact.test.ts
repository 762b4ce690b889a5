import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactText, redactUrl } from './redact.js';

describe('redactUrl', () => {
  it.each([
    ['rtsp://cam/path', 'rtsp://cam/path'],
    ['rtsp://user:pass@cam:554/path?x=1', 'rtsp://cam:554/path?x=1'],
    ['rtsps://u%40:p@ss@[::1]:322/x', 'rtsps://[::1]:322/x'],
    // Ambiguous: the password may hold an unescaped slash.
    ['rtsp://user:pa/ss@cam/x', 'rtsp://***@cam/x'],
    ['rtsp://cam/x?user=admin&password=abc&channel=1', 'rtsp://cam/x?user=***&password=***&channel=1'],
    ['rtsp://cam/user=admin&password=abc&channel=1', 'rtsp://cam/user=***&password=***&channel=1'],
    ['user:pass@cam', 'cam'],
    ['', ''],
  ])('%s', (url, expected) => {
    expect(redactUrl(url)).toBe(expected);
  });

  it('never lets a password through, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((text) => !/\s/.test(text)),
        (noise) => {
          const secret = `${noise}S3cRet${noise}`;
          expect(redactUrl(`rtsp://user:${secret}@cam/x`)).not.toContain('S3cRet');
          expect(redactText(`cannot open rtsp://user:${secret}@cam/x today`)).not.toContain('S3cRet');
        },
      ),
    );
  });
});

it('redactText hides URLs, parameters and Authorization headers within text', () => {
  const text = 'tried rtsp://a:b1@x/1 and http://c:d2@y/?token=e3 at me@example.org\nAuthorization: Basic Zm9v\nend';
  const redacted = redactText(text);
  for (const secret of ['b1', 'd2', 'e3', 'Zm9v']) expect(redacted).not.toContain(secret);
  expect(redacted).toContain('me@example.org');
  expect(redacted).toContain('rtsp://x/1');
  expect(redacted).toContain('\nend');
});
