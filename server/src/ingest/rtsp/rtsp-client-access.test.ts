import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { redactText } from '../../core/redact.js';
import { FakeRtspServer, type FakeResponse, type SeenRequest } from './testing/fake-rtsp-server.js';
import { clientFor, failureOf, serve } from './testing/rtsp-client-rig.js';

describe('authentication', () => {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const field = (request: SeenRequest, name: string): string =>
    new RegExp(`[ ,]${name}="?([^",]*)`).exec(request.headers.get('authorization') ?? '')?.[1] ?? '';

  it('answers Digest with qop, and a stale nonce once more', async () => {
    let nonce = 'first';
    const server = await serve((request) => {
      const used = field(request, 'nonce');
      const challenge = (stale: boolean): FakeResponse => ({
        status: 401,
        headers: { 'WWW-Authenticate': `Digest realm="r", nonce="${nonce}", qop="auth", stale=${stale}` },
      });
      if (used === '') return challenge(false);
      if (used !== nonce) return challenge(true);
      const ha1 = md5('us er:r:p@ss');
      const ha2 = md5(`${request.method}:${request.uri}`);
      const wanted = md5(`${ha1}:${nonce}:${field(request, 'nc')}:${field(request, 'cnonce')}:auth:${ha2}`);
      if (field(request, 'response') !== wanted) return { status: 403 };
      if (request.method === 'DESCRIBE') nonce = 'second';
      return undefined;
    });
    const { client } = clientFor(server.url('/x', 'us%20er:p%40ss'));
    await client.start();
    expect(server.methods()).toEqual(['OPTIONS', 'OPTIONS', 'DESCRIBE', 'SETUP', 'SETUP', 'PLAY']);
    expect(field(server.requests[2]!, 'nc')).toBe('00000002');
    expect(field(server.requests[4]!, 'nc')).toBe('00000001');
  });

  it.each([
    ['Basic', 'Basic realm="cam"'],
    ['Digest', 'Digest realm="cam", nonce="n"'],
    ['Digest that renews its nonce each time', 'fresh'],
    ['Digest that is always stale', 'Digest realm="cam", nonce="n", stale=true'],
  ])('gives up on a wrong password with %s', async (_name, header) => {
    let count = 0;
    const server = await serve(() => ({
      status: 401,
      headers: { 'WWW-Authenticate': header === 'fresh' ? `Digest realm="cam", nonce="n${count++}"` : header },
    }));
    const error = await failureOf(server.url('/x', 'user:wrongsecret'));
    expect(error.code).toBe('rtsp-unauthorised');
    expect(error.message).not.toContain('wrongsecret');
    expect(server.requests.length).toBeLessThanOrEqual(3);
  });

  it('says so when credentials are missing, or the scheme is unknown', async () => {
    const server = await serve(() => ({ status: 401, headers: { 'WWW-Authenticate': 'Bearer realm="x"' } }));
    const missing = await failureOf(server.url());
    expect(missing).toMatchObject({
      code: 'rtsp-unauthorised',
      message: expect.stringContaining('wants a user name and password') as string,
    });
    // The log redacts addresses: a hint written as one would lose the very part that it teaches.
    expect(redactText(missing.message)).toContain('user:password@');
    expect(await failureOf(server.url('/x', 'u:p'))).toMatchObject({
      message: expect.stringContaining('kind of authentication') as string,
    });
  });
});

describe('redirects', () => {
  it('are followed, and credentials never reach another host', async () => {
    const target = await serve((request) =>
      request.headers.has('authorization')
        ? undefined
        : { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } },
    );
    const first = await serve((request) => {
      if (!request.headers.has('authorization'))
        return { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } };
      return { status: 302, headers: { Location: `rtsp://localhost:${target.port}/moved` } };
    });
    const error = await failureOf(first.url('/x', 'user:secret'));
    expect(error.code).toBe('rtsp-unauthorised');
    expect(target.requests.length).toBeGreaterThan(0);
    expect(target.requests.some((request) => request.headers.has('authorization'))).toBe(false);
    expect(JSON.stringify(target.requests.map((request) => request.uri))).not.toContain('secret');
  });

  it('keep the credentials on the same host', async () => {
    const server: FakeRtspServer = await serve((request) => {
      if (!request.headers.has('authorization'))
        return { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } };
      return request.uri.includes('/old') ? { status: 301, headers: { Location: server.url('/new') } } : undefined;
    });
    const { client, recorder } = clientFor(server.url('/old', 'user:secret'));
    await client.start();
    expect(client.stats.redirects).toBe(1);
    expect(server.sockets).toHaveLength(2);
    expect(recorder.closes).toEqual([]);
  });

  it('end after three, and lead nowhere but to RTSP', async () => {
    const endless: FakeRtspServer = await serve(() => ({ status: 302, headers: { Location: endless.url('/again') } }));
    expect(await failureOf(endless.url())).toMatchObject({ code: 'rtsp-refused' });
    expect(endless.sockets).toHaveLength(4);
    const web = await serve(() => ({ status: 302, headers: { Location: 'http://u:hidden@example.org/' } }));
    const error = await failureOf(web.url());
    expect(error.code).toBe('rtsp-refused');
    expect(error.message).not.toContain('hidden');
  });
});
