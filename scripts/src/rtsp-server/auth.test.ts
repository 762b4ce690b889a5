import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Authenticator, type ReaderCredentials } from './auth.js';

const USER = { username: 'viewer', password: 'a:b c' };
const hash = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');
const nonceOf = (authenticator: Authenticator): string => /nonce="(\w+)"/.exec(authenticator.challenges()[0]!)![1]!;

function digest(authenticator: Authenticator, options: ReaderCredentials, password: string): string {
  const algorithm = options.digestAlgorithm === 'SHA-256' ? 'sha256' : 'md5';
  const nonce = nonceOf(authenticator);
  const user = hash(algorithm, `viewer:lanecast:${password}`);
  const request = hash(algorithm, 'DESCRIBE:rtsp://h/x');
  const [qop, middle] = options.digestQop ? [', qop=auth, nc=00000001, cnonce="c"', ':00000001:c:auth'] : ['', ''];
  const response = hash(algorithm, `${user}:${nonce}${middle}:${request}`);
  const named = options.digestAlgorithm === undefined ? '' : `, algorithm=${options.digestAlgorithm}`;
  return `Digest username="viewer", realm="lanecast", nonce="${nonce}", uri="rtsp://h/x", response="${response}"${qop}${named}`;
}

describe.each<ReaderCredentials>([
  USER,
  { ...USER, digestAlgorithm: 'SHA-256' },
  { ...USER, digestQop: true },
  { ...USER, digestAlgorithm: 'SHA-256', digestQop: true },
])('Digest %j', (options) => {
  const authenticator = new Authenticator(options);

  it('admits who knows the password, for that method only', () => {
    const header = digest(authenticator, options, USER.password);
    expect(authenticator.admits('DESCRIBE', header)).toBe(true);
    expect(authenticator.admits('PLAY', header)).toBe(false);
  });

  it('refuses another password and another nonce', () => {
    expect(authenticator.admits('DESCRIBE', digest(authenticator, options, 'wrong'))).toBe(false);
    expect(authenticator.admits('DESCRIBE', digest(new Authenticator(options), options, USER.password))).toBe(false);
  });
});

it('checks Basic', () => {
  const authenticator = new Authenticator({ ...USER, schemes: ['basic'] });
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  expect(authenticator.challenges()).toEqual(['Basic realm="lanecast"']);
  expect(authenticator.admits('DESCRIBE', basic('viewer:a:b c'))).toBe(true);
  expect(authenticator.admits('DESCRIBE', basic('viewer:'))).toBe(false);
  expect(authenticator.admits('DESCRIBE', undefined)).toBe(false);
  expect(authenticator.admits('DESCRIBE', 'Bearer x')).toBe(false);
});

it('refuses a scheme that it did not offer', () => {
  const basic = `Basic ${Buffer.from('viewer:a:b c').toString('base64')}`;
  expect(new Authenticator({ ...USER, schemes: ['digest'] }).admits('DESCRIBE', basic)).toBe(false);
});
