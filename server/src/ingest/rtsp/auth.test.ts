import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authorization, chooseChallenge } from './auth.js';

const credentials = { username: 'Mufasa', password: 'Circle of Life' };

describe('authorization', () => {
  // RFC 7616, section 3.9.1
  const challengeHeader = (algorithm: string): string =>
    'Digest realm="http-auth@example.org", qop="auth, auth-int", ' +
    `algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ` +
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
  const input = {
    method: 'GET',
    uri: '/dir/index.html',
    credentials,
    nonceCount: 1,
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  };

  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('matches the example of RFC 7616 with %s', (algorithm, response) => {
    const value = authorization(chooseChallenge([challengeHeader(algorithm)])!, input);
    expect(value).toContain(`response="${response}"`);
    expect(value).toContain('qop=auth, nc=00000001');
    expect(value).toContain('opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"');
  });

  it('matches the example of RFC 2069 without qop (with its errata)', () => {
    const challenge = chooseChallenge([
      'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    ])!;
    const value = authorization(challenge, { ...input, credentials: { username: 'Mufasa', password: 'CircleOfLife' } });
    expect(value).toContain('response="1949323746fe6a43ef61f9606e7febea"');
    expect(value).not.toContain('qop');
    expect(value).not.toContain('cnonce');
  });

  it('uses a session key with MD5-sess', () => {
    const value = authorization(chooseChallenge([challengeHeader('MD5-sess')])!, input);
    expect(value).toContain('algorithm=MD5-sess');
    expect(value).not.toContain('8ca523f5e9506fed4657c9700eebdbec');
    expect(value).toMatch(/response="[0-9a-f]{32}"/);
  });

  it('does Basic in UTF-8, and quotes what would break the header', () => {
    expect(authorization({ scheme: 'basic' }, { ...input, credentials: { username: 'ü', password: ':' } })).toBe(
      `Basic ${Buffer.from('ü::').toString('base64')}`,
    );
    const value = authorization(chooseChallenge(['Digest realm="a", nonce="b"'])!, {
      ...input,
      credentials: { username: 'a"b\\c\r\nX: y', password: '' },
    });
    expect(value).toContain('username="a\\"b\\\\cX: y"');
    expect(value).not.toMatch(/[\r\n]/);
  });
});

describe('chooseChallenge', () => {
  it('prefers the strongest, wherever it stands', () => {
    const md5 = 'Digest realm="r", nonce="n"';
    expect(chooseChallenge(['Basic realm="r"', `${md5}, algorithm=SHA-256`, md5])).toMatchObject({
      algorithm: 'SHA-256',
    });
    expect(chooseChallenge([`${md5}, Basic realm="r"`])).toMatchObject({
      scheme: 'digest',
      algorithm: 'MD5',
      realm: 'r',
    });
    expect(chooseChallenge([`Basic realm="r", ${md5}, stale=TRUE`])).toMatchObject({ scheme: 'digest', stale: true });
    expect(chooseChallenge(['Basic realm="Digest, x=1"'])).toEqual({ scheme: 'basic' });
  });

  it('passes over what cannot be answered', () => {
    expect(chooseChallenge([])).toBeNull();
    expect(chooseChallenge(['Negotiate', 'Bearer realm="x"'])).toBeNull();
    expect(chooseChallenge(['Digest realm="r", nonce="n", algorithm=SHA-512-256'])).toBeNull();
    expect(chooseChallenge(['Digest realm="r", nonce="n", qop="auth-int"'])).toBeNull();
    expect(chooseChallenge(['Digest realm="r"'])).toBeNull();
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const challenge = chooseChallenge([text, `Digest ${text}`]);
        expect(challenge === null || ['basic', 'digest'].includes(challenge.scheme)).toBe(true);
      }),
    );
  });
});
