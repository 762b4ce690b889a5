import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LanecastError } from '../core/errors.js';
import { redactUrl } from '../core/redact.js';
import { keepCredentials } from './keep-credentials.js';

describe('keepCredentials', () => {
  it.each([
    ['what was answered means what is saved', 'rtsp://u:p@h/x', 'rtsp://h/x', 'rtsp://u:p@h/x'],
    [
      '... also with secrets in the query',
      'rtsp://h/x?user=a&password=b',
      'rtsp://h/x?user=***&password=***',
      'rtsp://h/x?user=a&password=b',
    ],
    ['another path of the same camera', 'rtsp://u:p@h/x', 'rtsp://h/y', 'rtsp://u:p@h/y'],
    ['the standard port said', 'rtsp://u:p@h/x', 'rtsp://h:554/y', 'rtsp://u:p@h:554/y'],
    ['the same host in other letters', 'rtsp://u:p@Cam/x', 'rtsp://cam/y', 'rtsp://u:p@cam/y'],
    ['percent signs stay', 'rtsp://u:p%40$&@h/x', 'rtsp://h/y', 'rtsp://u:p%40$&@h/y'],
    ['the user without the password', 'rtsp://u:p@h/x', 'rtsp://u@h/y', 'rtsp://u:p@h/y'],
    ['another user', 'rtsp://u:p@h/x', 'rtsp://v@h/x', 'rtsp://v@h/x'],
    ['another password', 'rtsp://u:p@h/x', 'rtsp://u:q@h/x', 'rtsp://u:q@h/x'],
    ['an empty password', 'rtsp://u:p@h/x', 'rtsp://u:@h/x', 'rtsp://u:@h/x'],
    ['another host never gets it', 'rtsp://u:p@h/x', 'rtsp://evil/x', 'rtsp://evil/x'],
    ['nor another port', 'rtsp://u:p@h/x', 'rtsp://h:555/x', 'rtsp://h:555/x'],
    ['nor the same host in the clear', 'rtsps://u:p@h:322/x', 'rtsp://h:322/x', 'rtsp://h:322/x'],
    ['taken away', 'rtsp://u:p@h/x', 'rtsp://@h/x', 'rtsp://h/x'],
    ['none was saved', 'rtsp://h/x', 'rtsp://h/y', 'rtsp://h/y'],
  ])('%s', (_, saved, given, expected) => expect(keepCredentials(saved, given)).toBe(expected));

  it('refuses what an answer hid of another address', () => {
    const code = (given: string): string => {
      try {
        keepCredentials('rtsp://h/x?password=b', given);
        return 'none';
      } catch (error) {
        return (error as LanecastError).code;
      }
    };
    expect(code('rtsp://h/y?password=***')).toBe('url-redacted');
    expect(code('http://h/y')).toBe('bad-url');
  });

  it('gives the saved address back for whatever is answered of it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9.:%$&-]{1,12}$/), fc.stringMatching(/^[a-z/?=&]{0,12}$/), (info, path) => {
        const saved = `rtsp://${info}@host/${path}`;
        expect(keepCredentials(saved, redactUrl(saved))).toBe(saved);
      }),
    );
  });
});
