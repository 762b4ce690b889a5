import { mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LiveConfig } from './live-config.js';
import { parseConfigText, validateConfig } from './load.js';
import type { Config } from './schema.js';
import { YamlStreamBook } from './stream-book.js';

let directory: string;
let file: string;
let live: LiveConfig | null = null;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanecast-live-'));
  file = join(directory, 'lanecast.yaml');
});
afterEach(async () => {
  await live?.close();
  rmSync(directory, { recursive: true, force: true });
});

const text = (...ids: string[]): string =>
  `streams:${ids.length > 0 ? '' : ' []'}\n${ids.map((id) => `  - {id: ${id}, url: "rtsp://u:hunter2@h/${id}"}\n`).join('')}`;

function start(initial = text('a')) {
  writeFileSync(file, initial);
  const load = (content: string): Config => {
    const { raw, locate } = parseConfigText(content, file);
    return validateConfig(raw, locate);
  };
  const applied: string[] = [];
  const lines: string[] = [];
  const log = (_: object, message: string): void => void lines.push(message);
  live = new LiveConfig({
    config: load(initial),
    file: { path: file, text: initial, load },
    createBook: (onWritten) => new YamlStreamBook(file, load, onWritten),
    apply: ({ streams }, { added, removed }) =>
      applied.push(`${streams.map(({ id }) => id).join()} +${added.map(({ id }) => id).join()} -${removed.join()}`),
    log: { info: log, warn: log },
    faultPatienceMs: 400,
  });
  return { live, applied, lines };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 250; i++) {
    if (condition()) return;
    await sleep(20);
  }
  throw new Error(`it is not so that ${what}`);
}

describe('a followed file', () => {
  it.each([
    ['written in place', (content: string) => writeFileSync(file, content)],
    [
      'replaced by another',
      (content: string) => {
        writeFileSync(`${file}.new`, content);
        renameSync(`${file}.new`, file);
      },
    ],
    [
      'moved away and written anew, as some editors do',
      (content: string) => {
        renameSync(file, `${file}~`);
        writeFileSync(file, content);
      },
    ],
  ])('is read when it is %s, again and again', async (_, write) => {
    const { applied } = start();
    for (const [i, ids] of [['a', 'b'], ['b'], ['b', 'c']].entries()) {
      write(text(...ids));
      await until(() => applied.length === i + 1, `change ${i} is in force`);
    }
    expect(applied).toEqual(['a,b +b -', 'b + -a', 'b,c +c -']);
  });

  it('is read when the link to it is turned', async () => {
    const [first, second] = [join(directory, 'first'), join(directory, 'second')];
    writeFileSync(first, text('a'));
    writeFileSync(second, text('b'));
    const { applied } = start();
    unlinkSync(file);
    symlinkSync(second, file);
    await until(() => applied.length === 1, 'the second is in force');
    expect(applied).toEqual(['b +b -a']);
  });

  it('is not read while it is being written', async () => {
    const { applied, live } = start(text('a', 'b'));
    const whole = text('a', 'b', 'c');
    for (let length = 10; length < whole.length; length += 25) {
      writeFileSync(file, whole.slice(0, length));
      await sleep(60);
    }
    writeFileSync(file, whole);
    await until(() => applied.length > 0, 'it is in force');
    expect(applied).toEqual(['a,b,c +c -']);
    expect(live.status().error).toBeNull();
  });

  it('with faults is told, with its line, and changes nothing; mended, it is in force', async () => {
    const { applied, lines, live } = start();
    writeFileSync(file, `${text('a')}server: {prot: 1}\n`);
    await until(() => live.status().error !== null, 'the fault is told');
    expect(live.status().error).toMatchObject({
      code: 'config-invalid',
      message: `${file}:3: server.prot is not a known setting (did you mean "port"?)`,
    });
    expect(live.notices[0]).toMatch(/the one before it is: .*:3: server\.prot/);
    expect(live.config.streams).toHaveLength(1);
    unlinkSync(file);
    await until(() => live.status().error?.code === 'config-unreadable', 'its absence is told');
    writeFileSync(file, text('b'));
    await until(() => applied.length === 1, 'the mended one is in force');
    expect(live.status().error).toBeNull();
    expect(live.notices).toEqual([]);
    expect(lines.join('\n')).toContain('its faults are mended');
    expect(lines.join('\n')).not.toContain('hunter2');
  });

  it('names what needs a restart, until it is taken back', async () => {
    const { applied, live } = start();
    writeFileSync(file, `${text('a')}server: {port: 9}\nmjpeg: {maxFps: 3}\n`);
    await until(() => live.status().needsRestart.length > 0, 'it is told');
    expect(live.status().needsRestart).toEqual(['mjpeg.maxFps', 'server.port']);
    expect(live.notices).toEqual([expect.stringContaining('from the next start on: mjpeg.maxFps, server.port')]);
    expect(live.config.server.port).toBe(8080);
    writeFileSync(file, text('a'));
    await until(() => live.status().needsRestart.length === 0, 'it is taken back');
    expect(applied).toEqual([]);
  });

  it('is read at once on request, and faults are told', async () => {
    const { applied, live } = start();
    writeFileSync(file, text('a', 'b'));
    await live.reload('SIGHUP');
    expect(applied).toEqual(['a,b +b -']);
    writeFileSync(file, 'streams: [');
    await live.reload('SIGHUP');
    expect(live.status().error?.code).toBe('config-syntax');
    await sleep(700);
    expect(applied).toHaveLength(1);
  });
});

describe('edits', () => {
  it('are written, in force once, and follow one another', async () => {
    const { applied, live } = start();
    const stream = (id: string) => ({ id, url: `rtsp://h/${id}` });
    const results = await Promise.allSettled([
      live.edit({ kind: 'add', stream: stream('b') }),
      live.edit({ kind: 'add', stream: stream('b') }),
      live.edit({ kind: 'remove', id: 'a' }),
      live.edit({ kind: 'add', stream: stream('c') }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(applied).toEqual(['a,b +b -', 'b + -a', 'b,c +c -']);
    // What was written is seen by the watch, and is no news.
    await sleep(700);
    expect(applied).toHaveLength(3);
  });

  it('bring what somebody wrote by hand into force as well', async () => {
    const { applied, live } = start();
    writeFileSync(file, text('a', 'byhand'));
    await live.edit({ kind: 'add', stream: { id: 'c', url: 'rtsp://h/c' } });
    expect(applied).toEqual(['a,byhand,c +byhand,c -']);
  });

  it('wait until a file with faults is mended', async () => {
    const { live } = start();
    writeFileSync(file, 'streams: 1\n');
    await expect(live.edit({ kind: 'remove', id: 'a' })).rejects.toMatchObject({ code: 'config-invalid' });
    expect(live.config.streams).toHaveLength(1);
  });
});
