/** Who may do what: the configuration's token, tokens made for embedding, sessions of browsers, TLS. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as requestTls } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Config } from '../dist/config/schema.js';
import { createMetrics } from '../dist/ops/metrics.js';
import { SessionCookies } from '../dist/outputs/http/access/session-cookie.js';
import { createHttpServer, type HttpServer } from '../dist/outputs/http/server.js';
import { FakePipeline } from './outputs-fake-pipeline.js';
import { ask, askJson, EventsClient, MultipartClient } from './outputs-http-client.js';

const TOKEN = 'the-token-of-the-configuration';
const OWNER = { Authorization: `Bearer ${TOKEN}` };
const JSON_BODY = { 'Content-Type': 'application/json' };
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

const open: { pipeline: FakePipeline; server: HttpServer }[] = [];
const directories: string[] = [];

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lanecast-access-'));
  directories.push(directory);
  return directory;
}

async function start(more: Partial<Config['server']> = { token: TOKEN }, directory: string | null = null) {
  const pipeline = new FakePipeline(
    [
      { id: 'north', rgb: 0x304878 },
      { id: 'east', rgb: 0x307838 },
    ],
    25,
  );
  const server = await createHttpServer({
    pipeline,
    config: {
      server: { host: '127.0.0.1', port: 0, allowedHosts: [], ...more },
      mjpeg: { width: 640, height: 360, maxFps: 12, quality: 60 },
      state: { directory },
    },
    logger: pino({ level: 'silent' }),
    createMetrics,
  });
  open.push({ pipeline, server });
  return server;
}

afterEach(async () => {
  for (const { pipeline, server } of open.splice(0)) {
    await server.close();
    pipeline.close();
  }
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

async function makeToken(
  url: string,
  wish: object,
): Promise<{ id: string; token: string; headers: { Authorization: string } }> {
  const body = JSON.stringify({ ttl: 600, ...wish });
  const { status, json } = await askJson(`${url}/api/tokens`, {
    method: 'POST',
    headers: { ...OWNER, ...JSON_BODY },
    body,
  });
  expect(status).toBe(201);
  const { id, token } = json as { id: string; token: string };
  return { id, token, headers: { Authorization: `Bearer ${token}` } };
}

const statusOf = async (url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<number> =>
  (await ask(url, { headers, method })).status;

describe('made tokens', () => {
  it('are good for what they were made for, and for nothing else', async () => {
    const { url } = await start();
    const pictures = await makeToken(url, { scope: 'pictures', streams: ['north'] });
    for (const [path, status] of [
      ['/snapshot/north.jpg', 200],
      ['/snapshot/east.jpg', 403],
      ['/snapshot.jpg', 403],
      ['/stream/east', 403],
      ['/stream', 403],
      ['/api/streams', 401],
      ['/api/tracks', 403],
      ['/whep/north', 401],
    ] as const)
      expect(await statusOf(`${url}${path}?token=${pictures.token}`), path).toBe(status);
    expect(await statusOf(`${url}/api/streams`, pictures.headers)).toBe(403);
    expect(await statusOf(`${url}/api/tokens`, pictures.headers)).toBe(403);
    expect(await statusOf(`${url}/api/streams/north/calibration`, pictures.headers, 'DELETE')).toBe(403);

    const tracks = await makeToken(url, { scope: 'tracks', streams: ['north'] });
    expect(await statusOf(`${url}/api/tracks?token=${tracks.token}`)).toBe(403);
    expect(await statusOf(`${url}/api/tracks?stream=east&token=${tracks.token}`)).toBe(403);
    const events = await EventsClient.connect(`${url}/api/tracks?stream=north&token=${tracks.token}`);
    await events.next();
    events.close();

    const view = await makeToken(url, { scope: ['view'] });
    for (const path of ['/api/streams', '/api/stats', '/api/config', '/metrics', '/snapshot.jpg'])
      expect(await statusOf(url + path, view.headers), path).toBe(200);
    expect(await statusOf(`${url}/api/streams/north/calibration`, view.headers, 'DELETE')).toBe(403);

    const metrics = await makeToken(url, { scope: 'metrics' });
    expect(await statusOf(`${url}/metrics`, metrics.headers)).toBe(200);
    expect(await statusOf(`${url}/api/stats`, metrics.headers)).toBe(403);
  });

  it('end what was opened with them when they are revoked', async () => {
    const { url } = await start();
    const { id, token } = await makeToken(url, { scope: ['pictures', 'tracks'] });
    const view = await makeToken(url, { scope: 'view' });
    const pictures = await MultipartClient.connect(`${url}/stream?token=${token}`);
    await pictures.next();
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { headers: view.headers });
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await new Promise((resolve) => socket.once('open', resolve));
    expect(await statusOf(`${url}/api/tokens/${id}`, OWNER, 'DELETE')).toBe(204);
    await expect(
      (async () => {
        for (;;) await pictures.next();
      })(),
    ).rejects.toThrow();
    expect(await statusOf(`${url}/stream?token=${token}`)).toBe(401);
    expect(await statusOf(`${url}/api/tokens/${view.id}`, OWNER, 'DELETE')).toBe(204);
    await closed;
    expect(await statusOf(`${url}/api/tokens/${id}`, OWNER, 'DELETE')).toBe(404);
  });

  it('are listed without what they are, and outlive a restart', async () => {
    const directory = temporary();
    const server = await start({ token: TOKEN }, directory);
    const { url } = server;
    const { id, token, headers } = await makeToken(url, { scope: 'view', label: 'the wall' });
    const { json, body } = await askJson(`${url}/api/tokens`, { headers: OWNER });
    expect(json).toMatchObject([{ id, label: 'the wall', scopes: ['view'], streams: null }]);
    expect(body.toString()).not.toContain(token.slice(-32));
    expect(readFileSync(join(directory, 'tokens.json'), 'utf8')).not.toContain(token.slice(-32));
    await server.close();
    const again = await start({ token: TOKEN }, directory);
    expect(await statusOf(`${again.url}/api/streams`, headers)).toBe(200);
  });

  it('are not made from a damaged file, which is kept', async () => {
    const directory = temporary();
    writeFileSync(join(directory, 'tokens.json'), '{"version":1,"tokens":[{"id":"x"}]}');
    const { url } = await start({ token: TOKEN }, directory);
    expect((await askJson(`${url}/api/tokens`, { headers: OWNER })).json).toEqual([]);
    expect(readFileSync(join(directory, 'tokens.json.damaged'), 'utf8')).toContain('"x"');
  });

  it.each([
    [{}, 'token-wish-invalid'],
    [{ scope: 'all', ttl: 600 }, 'token-wish-invalid'],
    [{ scope: 'view', ttl: 5 }, 'token-wish-invalid'],
    [{ scope: 'view', ttl: 600, streams: ['north'] }, 'token-wish-invalid'],
    [{ scope: 'view', ttl: 600, more: 1 }, 'token-wish-invalid'],
  ])('%j is refused', async (wish, code) => {
    const { url } = await start();
    const answer = await askJson(`${url}/api/tokens`, {
      method: 'POST',
      headers: { ...OWNER, ...JSON_BODY },
      body: JSON.stringify(wish),
    });
    expect([answer.status, answer.json['code']]).toEqual([400, code]);
  });

  it('make no sense where nobody is asked', async () => {
    const { url } = await start({});
    const body = JSON.stringify({ scope: 'view', ttl: 600 });
    const answer = await askJson(`${url}/api/tokens`, { method: 'POST', headers: JSON_BODY, body });
    expect([answer.status, answer.json['code']]).toEqual([409, 'no-token-set']);
  });
});

describe('sessions', () => {
  async function logIn(url: string, token: string, headers: Record<string, string> = {}) {
    const body = JSON.stringify({ token });
    const answer = await ask(`${url}/api/session`, { method: 'POST', headers: { ...JSON_BODY, ...headers }, body });
    return { status: answer.status, cookie: answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '' };
  }

  it('let a browser in by its cookie, pictures and sockets too', async () => {
    const { url } = await start();
    const { status, cookie } = await logIn(url, TOKEN);
    expect(status).toBe(204);
    const headers = { Cookie: cookie };
    for (const path of ['/api/streams', '/snapshot.jpg', '/metrics', '/api/tokens'])
      expect(await statusOf(url + path, headers), path).toBe(200);
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { headers });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.close();
    expect((await askJson(`${url}/api/session`, { headers })).json).toEqual({
      tokenNeeded: true,
      grant: { id: 'owner', scopes: 'all' },
    });
    expect((await askJson(`${url}/api/session`)).json).toEqual({ tokenNeeded: true, grant: null });
  });

  it('are prolonged where they are a day old, and still good', async () => {
    const { url } = await start();
    const ofYesterday = (subject: string): string =>
      new SessionCookies(TOKEN, () => Date.now() - 25 * 3_600_000).issue(subject, false).split(';')[0]!;
    const renewed = async (cookie: string): Promise<string | undefined> =>
      (await ask(`${url}/api/session`, { headers: { Cookie: cookie } })).headers['set-cookie']?.[0];
    expect(await renewed((await logIn(url, TOKEN)).cookie)).toBeUndefined();
    const cookie = await renewed(ofYesterday('owner'));
    expect(cookie).toMatch(/^lanecast_session=1\.owner\..*Max-Age=2592000/);
    expect(await statusOf(`${url}/api/streams`, { Cookie: cookie!.split(';')[0]! })).toBe(200);
    const view = await makeToken(url, { scope: 'view' });
    expect(await renewed(ofYesterday(view.id))).toContain(view.id);
    await ask(`${url}/api/tokens/${view.id}`, { method: 'DELETE', headers: OWNER });
    expect(await renewed(ofYesterday(view.id))).toBeUndefined();
  });

  it('do not let pages of other sites act for their visitors', async () => {
    const { url } = await start();
    const { cookie } = await logIn(url, TOKEN);
    const change = (origin: string) => statusOf(`${url}/api/tokens/x`, { Cookie: cookie, Origin: origin }, 'DELETE');
    expect(await change('https://elsewhere.example')).toBe(403);
    expect(await change(url)).toBe(404);
    expect((await logIn(url, TOKEN, { Origin: 'https://elsewhere.example' })).status).toBe(403);
  });

  it('are for who may see the dashboard, and end with their token', async () => {
    const { url } = await start();
    const pictures = await makeToken(url, { scope: 'pictures' });
    expect((await logIn(url, pictures.token)).status).toBe(403);
    const view = await makeToken(url, { scope: 'view' });
    const { cookie } = await logIn(url, view.token);
    expect(await statusOf(`${url}/api/streams`, { Cookie: cookie })).toBe(200);
    expect(await statusOf(`${url}/api/tokens`, { Cookie: cookie })).toBe(403);
    await ask(`${url}/api/tokens/${view.id}`, { method: 'DELETE', headers: OWNER });
    expect(await statusOf(`${url}/api/streams`, { Cookie: cookie })).toBe(401);
  });

  it('slow who guesses, everywhere at once, and nobody who has a cookie', async () => {
    const { url } = await start();
    const { cookie } = await logIn(url, TOKEN);
    for (let i = 0; i < 4; i++) expect((await logIn(url, `guess-${i}`)).status).toBe(401);
    for (let i = 0; i < 3; i++) expect(await statusOf(`${url}/snapshot.jpg?token=guess-${i}`)).toBe(401);
    for (let i = 0; i < 3; i++)
      expect(await statusOf(`${url}/api/streams`, { Authorization: `Bearer guess-${i}` })).toBe(401);
    const refused = await ask(`${url}/api/streams`, { headers: OWNER });
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '6']);
    expect((await logIn(url, TOKEN)).status).toBe(429);
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?token=guess`);
    const failure = await new Promise<Error>((resolve) => socket.once('error', resolve));
    expect(failure.message).toContain('429');
    expect(await statusOf(`${url}/api/streams`, { Cookie: cookie })).toBe(200);
  });

  it('believe only a trusted proxy where somebody comes from', async () => {
    const { url } = await start({ token: TOKEN, trustedProxies: ['127.0.0.1'] });
    const from = (address: string, token: string) =>
      statusOf(`${url}/api/streams`, { Authorization: `Bearer ${token}`, 'X-Forwarded-For': address });
    for (let i = 0; i < 10; i++) expect(await from('192.0.2.1', 'guess')).toBe(401);
    expect(await from('192.0.2.1', TOKEN)).toBe(429);
    expect(await from('192.0.2.2', TOKEN)).toBe(200);
    const plain = await start();
    const pretend = (address: string) =>
      statusOf(`${plain.url}/api/streams`, { Authorization: 'Bearer guess', 'X-Forwarded-For': address });
    for (let i = 0; i < 10; i++) expect(await pretend(`192.0.2.${i}`)).toBe(401);
    expect(await pretend('192.0.2.77')).toBe(429);
  });

  it('marks its cookie for TLS only where a trusted proxy speaks it', async () => {
    const { url } = await start({ token: TOKEN, trustedProxies: ['127.0.0.0/8'] });
    const body = JSON.stringify({ token: TOKEN });
    const cookie = async (headers: Record<string, string>) =>
      (await ask(`${url}/api/session`, { method: 'POST', headers: { ...JSON_BODY, ...headers }, body })).headers[
        'set-cookie'
      ]?.[0];
    expect(await cookie({ 'X-Forwarded-Proto': 'https' })).toContain('; Secure');
    expect(await cookie({})).not.toContain('; Secure');
  });
});

it('limits how often an address that is not this machine may ask', async () => {
  const { url } = await start({ token: TOKEN, trustedProxies: ['127.0.0.1'] });
  const from = async (address: string): Promise<number> => statusOf(`${url}/healthz`, { 'X-Forwarded-For': address });
  let last = 200;
  for (let i = 0; i < 700 && last === 200; i++) last = await from('192.0.2.9');
  expect(last).toBe(429);
  expect(await from('192.0.2.10')).toBe(200);
  expect(await from('127.0.0.1')).toBe(200);
});

describe.skipIf(!hasOpenssl)('TLS', () => {
  function certificate(directory: string, name: string): { certFile: string; keyFile: string } {
    const files = { certFile: join(directory, `${name}.pem`), keyFile: join(directory, `${name}.key`) };
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const out = ['-keyout', files.keyFile, '-out', files.certFile, '-subj', `/CN=${name}`, '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...curve, ...out], { stdio: 'ignore' });
    return files;
  }

  const nameOf = (url: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
      socket.on('error', reject);
    });

  it('serves by HTTPS, and takes a renewed certificate into use', { timeout: 40_000 }, async () => {
    const directory = temporary();
    const tls = certificate(directory, 'first');
    const { url } = await start({ token: TOKEN, tls });
    expect(url).toMatch(/^https:/);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      requestTls(`${url}/healthz`, { rejectUnauthorized: false, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
    expect(await nameOf(url)).toBe('first');
    const second = certificate(directory, 'second');
    copyFileSync(second.keyFile, tls.keyFile);
    copyFileSync(second.certFile, tls.certFile);
    await expect.poll(() => nameOf(url), { timeout: 30_000, interval: 500 }).toBe('second');
  });

  it('says what is wrong with its files', async () => {
    const directory = temporary();
    const one = certificate(directory, 'one');
    const two = certificate(directory, 'two');
    await expect(start({ token: TOKEN, tls: { ...one, keyFile: two.keyFile } })).rejects.toMatchObject({
      code: 'tls-unusable',
    });
    await expect(start({ token: TOKEN, tls: { ...one, keyFile: '/nowhere' } })).rejects.toThrow(
      /server\.tls.*\/nowhere cannot be read/,
    );
  });
});
