import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LanecastError } from '../core/errors.js';
import { redactText } from '../core/redact.js';
import { VERSION } from '../ops/version.js';
import { loadConfig, serverCommand } from './flags.js';
import { readConfigFile, validateConfig } from './load.js';

const directory = mkdtempSync(join(tmpdir(), 'lanecast-config-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const withStream = (text: string): string => `streams: [{id: a, url: "rtsp://h/a"}]\n${text}`;

let files = 0;
function yaml(text: string): string {
  const file = join(directory, `${files++}.yaml`);
  writeFileSync(file, text);
  return file;
}

function failure(action: () => unknown): LanecastError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(LanecastError);
    return error as LanecastError;
  }
  throw new Error('it did not fail');
}

const load = (file: string) => {
  const { raw, locate } = readConfigFile(file);
  return validateConfig(raw, locate);
};

describe('configuration', () => {
  it('fills in the defaults', () => {
    const config = loadConfig(['--streams', '2'], {});
    expect(config.streams).toEqual([
      { id: 'stream0', url: 'rtsp://127.0.0.1:8554/stream0' },
      { id: 'stream1', url: 'rtsp://127.0.0.1:8554/stream1' },
    ]);
    expect(config.server).toEqual({ host: '127.0.0.1', port: 8080, allowedHosts: [] });
    expect(config.speed.scaleMPerPx).toBe(0.05);
    expect(config.ingest.transport).toBe('tcp');
  });

  it('reads how a stream is calibrated', () => {
    const points =
      '[{image: [100, 300], ground: [0, 0]}, {image: [500, 300], ground: [7.5, 0]}, {image: [380, 150], ground: [7.5, 40]}, {image: [250, 150], ground: [0, 40]}]';
    const config = load(
      yaml(`streams:
  - {id: a, url: "rtsp://h/a", scaleMPerPx: 0.03}
  - {id: b, url: "rtsp://h/b", calibration: {scaleMPerPx: 0.04}}
  - {id: c, url: "rtsp://h/c", calibration: {points: ${points}, imageSize: [640, 360]}}
`),
    );
    expect(config.streams[0]).toEqual({ id: 'a', url: 'rtsp://h/a', scaleMPerPx: 0.03 });
    expect(config.streams[1]!.calibration).toEqual({ scaleMPerPx: 0.04 });
    expect(config.streams[2]!.calibration).toMatchObject({
      points: [{ image: [100, 300], ground: [0, 0] }, {}, {}, { image: [250, 150], ground: [0, 40] }],
      imageSize: [640, 360],
    });
  });

  it.each([
    ['a point without a coordinate', '[1]', /:7: streams\.0\.calibration\.points\.0\.image\.1 /],
    ['a coordinate that is no number', '[1, x]', /:7: streams\.0\.calibration\.points\.0\.image\.1 must be number/],
    [
      'points that calibrate nothing',
      '[300, 150]',
      /:6: streams\.0\.calibration these points calibrate nothing: in the picture points 1, 3 and 4 lie on one line/,
    ],
  ])('names the line of %s', (_, image, expected) => {
    const file = yaml(`streams:
  - id: a
    url: rtsp://h/a
    calibration:
      # measured in spring
      points:
        - {image: ${image}, ground: [0, 0]}
        - {image: [500, 300], ground: [7.5, 0]}
        - {image: [380, 150], ground: [7.5, 40]}
        - {image: [250, 150], ground: [0, 40]}
`);
    expect(failure(() => load(file)).message).toMatch(expected);
  });

  it('refuses two ways to calibrate one stream, and suggests the setting that was meant', () => {
    const both = yaml('streams: [{id: a, url: "rtsp://h/a", scaleMPerPx: 1, calibration: {scaleMPerPx: 1}}]');
    expect(failure(() => load(both)).message).toMatch(/streams\.0\.calibration must not stand beside scaleMPerPx/);
    const typo = yaml('streams: [{id: a, url: "rtsp://h/a", calibration: {point: []}}]');
    expect(failure(() => load(typo)).message).toMatch(/did you mean "points"/);
  });

  it('keeps state in a directory of the user, of the service, or of the flag; only the command line has one', () => {
    const of = (argv: string[], environment: NodeJS.ProcessEnv) => loadConfig(argv, environment).state.directory;
    expect(of([], { XDG_STATE_HOME: '/x/state' })).toBe('/x/state/lanecast');
    expect(of([], {})).toMatch(/\/\.local\/state\/lanecast$/);
    expect(of([], { XDG_STATE_HOME: 'relative' })).toMatch(/\/\.local\/state\/lanecast$/);
    expect(of([], { STATE_DIRECTORY: '/var/lib/lanecast:/other' })).toBe('/var/lib/lanecast');
    expect(of(['--state-dir', '/s'], { STATE_DIRECTORY: '/var/lib/lanecast' })).toBe('/s');
    const file = yaml('streams: [{id: a, url: "rtsp://h/a"}]\nstate: {directory: null}\n');
    expect(of(['--config', file], {})).toBeNull();
    expect(load(yaml('streams: [{id: a, url: "rtsp://h/a"}]')).state.directory).toBeUndefined();
  });

  it('reads eight streams when nothing is said', () => {
    expect(loadConfig([], {}).streams).toHaveLength(8);
  });

  it('lets flags win over the environment and the file', () => {
    const file = yaml('streams:\n  - {id: gate, url: "rtsp://h/a"}\nserver: {port: 9000, host: 127.0.0.2}\n');
    const config = loadConfig(['--config', file, '--port', '9001'], { LANECAST_TOKEN: 'sixteen-characters' });
    expect(config.server).toMatchObject({ port: 9001, host: '127.0.0.2', token: 'sixteen-characters' });
    expect(config.streams[0]!.id).toBe('gate');
  });

  it('names the line of a wrong value', () => {
    const file = yaml('streams:\n  - id: a\n    url: rtsp://h/a\nserver:\n  port: 123456\n');
    expect(failure(() => load(file)).message).toBe(`${file}:5: server.port must be <=65535 (it is 123456)`);
  });

  it('suggests the setting that was meant', () => {
    const file = yaml('streams:\n  - {id: a, url: "rtsp://h/a"}\nserver: {prot: 1}\n');
    expect(failure(() => load(file)).message).toBe(
      `${file}:3: server.prot is not a known setting (did you mean "port"?)`,
    );
  });

  it.each([
    ['{}', /streams is missing/],
    ['streams: [{id: a, url: "http://h/a"}]', /streams\.0\.url must be an RTSP address/],
    ['streams: [{id: a, url: "rtsp://h:99999/a"}]', /url must be an RTSP address: host or port is not valid/],
    ['streams: [{id: a, url: "rtsp://u:hunt/er2@h/a"}]', /if the password contains .* percent-encoded/],
    ['streams: [null]', /streams\.0 must be a mapping \(it is empty\)$/],
    [`streams: [${'{id: a, url: "rtsp://h/a"},'.repeat(257)}]`, /streams must name at most 256 streams/],
    [withStream('server: {host: ""}'), /server\.host must not be empty$/],
    [
      withStream('server: {allowedHosts: ["https://cams.example"]}'),
      /allowedHosts\.0 must be the name or address of a/,
    ],
    [withStream('server: {allowedHosts: [good.example, "cams.example:8080"]}'), /allowedHosts\.1 must be the name/],
    [withStream('ingest: {backoffMinMs: 5000, backoffMaxMs: 1000}'), /backoffMinMs must not be above backoffMaxMs$/],
    [withStream('ingest: {maxPicturePixels: 40000000}'), /ingest\.maxPicturePixels must be <=35651584/],
    [withStream('mjpeg: {width: 4098}'), /mjpeg\.width must be <=4096/],
    [withStream('mjpeg: {height: 100000}'), /mjpeg\.height must be <=4096/],
    ['streams: [{id: "../etc", url: "rtsp://h/a"}]', /streams\.0\.id must be 1-64 letters/],
    ['streams: [{id: a, url: "rtsp://h/a"}, {id: a, url: "rtsp://h/b"}]', /must not use one id twice/],
    ['streams: [{id: a, url: "rtsp://h/a"}]\nserver: {token: short}', /server\.token must have at least 16 characters/],
    ['streams: [{id: a, url: "rtsp://h/a"}]\ndetector: {width: 650}', /detector\.width must be a multiple of 32/],
  ])('refuses %j', (text, expected) => {
    const error = failure(() => load(yaml(text)));
    expect(error.code).toBe('config-invalid');
    expect(error.message).toMatch(expected);
  });

  it('never repeats a value that may be a secret', () => {
    const error = failure(() =>
      load(yaml('streams: [{id: a, url: "http://user:hunter2@h/a"}]\nserver: {token: hunter2}')),
    );
    expect(error.message).not.toContain('hunter2');
    const numbers = failure(() => load(yaml('streams: [{id: a, url: 424242}]\nserver: {token: 12345678901234567}')));
    expect(numbers.message).toContain('streams.0.url must be string (it is a number: write it in quotes)');
    expect(numbers.message).toContain('server.token must be string (it is a number: write it in quotes)');
    expect(numbers.message).not.toMatch(/424242|12345/);
    const slash = failure(() => load(yaml('streams: [{id: a, url: "rtsp://u:hunt/er2@h/a"}]')));
    expect(slash.message).not.toMatch(/hunt|er2/);
    const alias = failure(() => load(yaml(withStream('server: {token: *hunter2}'))));
    expect(alias.code).toBe('config-syntax');
    expect(alias.message).not.toContain('hunter2');
  });

  it('says what an RTSP address is in words that survive redaction', () => {
    const { message } = failure(() => load(yaml('streams: [{id: a, url: "http://h/a"}]')));
    expect(redactText(message)).toBe(message);
    expect(message).toContain('[user:password@]host[:port]/path');
  });

  it('checks --rtsp-base once, not once a stream', () => {
    const error = failure(() => loadConfig(['--streams', '8', '--rtsp-base', 'http://user:hunter2@h'], {}));
    expect(error.code).toBe('flag-invalid');
    expect(redactText(error.message)).toMatch(/^--rtsp-base must be an RTSP address: it must begin with [^\n]*\/path$/);
    expect(error.message).not.toContain('hunter2');
  });

  it('takes the names and addresses that a Host header carries, and what a stream may say of its certificate', () => {
    const hosts = ['cams.example', 'localhost', '192.168.1.5', 'fd00::1', '[fd00::1]', 'my_host', 'cams.example.'];
    const config = load(
      yaml(
        `streams: [{id: a, url: "rtsps://h/a", tlsAllowSelfSigned: true}]\nserver: {allowedHosts: ${JSON.stringify(hosts)}}`,
      ),
    );
    expect(config.server.allowedHosts).toEqual(hosts);
    expect(config.streams[0]!.tlsAllowSelfSigned).toBe(true);
    expect(config.ingest.maxPicturePixels).toBe(4096 * 2304);
  });

  it('prints its version', () => {
    let printed = '';
    const command = serverCommand()
      .exitOverride()
      .configureOutput({ writeOut: (text) => (printed += text) });
    expect(() => command.parse(['--version'], { from: 'user' })).toThrow(
      expect.objectContaining({ code: 'commander.version' }),
    );
    expect(printed).toBe(`${VERSION}\n`);
  });

  it('says where the YAML is broken', () => {
    const file = yaml('streams:\n  - id: "a\n');
    const error = failure(() => load(file));
    expect(error.code).toBe('config-syntax');
    expect(error.message).toContain(`${file}:`);
  });

  it('says that a file is missing', () => {
    expect(failure(() => readConfigFile(join(directory, 'none.yaml'))).code).toBe('config-unreadable');
  });

  it('refuses two sources of streams', () => {
    const file = yaml('streams: [{id: a, url: "rtsp://h/a"}]');
    expect(failure(() => loadConfig(['--config', file, '--streams', '2'], {})).code).toBe('flag-invalid');
  });
});
