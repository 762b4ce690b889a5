import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfigText, validateConfig } from './load.js';
import type { Config } from './schema.js';
import { StateStreamBook, YamlStreamBook } from './stream-book.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanecast-book-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const A = { id: 'a', url: 'rtsp://u:p@h/a' };
const B = { id: 'b', url: 'rtsp://h/b' };
const ids = ({ streams }: Config): string[] => streams.map(({ id }) => id);
const refusal = async (work: Promise<unknown>): Promise<{ code: string; message: string }> => {
  try {
    await work;
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('it was not refused');
};

describe('YamlStreamBook', () => {
  const FILE = '# cameras\nstreams:\n  - {id: a, url: "rtsp://u:p@h/a"} # gate\n';
  let file: string;
  const open = (written: string[] = []): YamlStreamBook => {
    const load = (text: string): Config => {
      const { raw, locate } = parseConfigText(text, file);
      return validateConfig(raw, locate);
    };
    return new YamlStreamBook(file, load, (text) => written.push(text));
  };
  beforeEach(() => {
    file = join(directory, 'lanecast.yaml');
    writeFileSync(file, FILE, { mode: 0o640 });
  });

  it('writes each edit to the file, with its comments, rights and nothing beside it', async () => {
    const written: string[] = [];
    const book = open(written);
    expect(ids(await book.edit({ kind: 'add', stream: B }))).toEqual(['a', 'b']);
    expect(readFileSync(file, 'utf8')).toBe(`${FILE}  - id: b\n    url: rtsp://h/b\n`);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    const changed = await book.edit({ kind: 'replace', stream: { id: 'a', url: 'rtsp://h/x' } });
    expect(changed.streams[0]).toEqual({ id: 'a', url: 'rtsp://u:p@h/x' });
    expect(ids(await book.edit({ kind: 'remove', id: 'a' }))).toEqual(['b']);
    expect(ids(await book.edit({ kind: 'remove', id: 'b' }))).toEqual([]);
    expect(readFileSync(file, 'utf8')).toContain('# cameras');
    expect(written.at(-1)).toBe(readFileSync(file, 'utf8'));
    expect(readdirSync(directory)).toEqual(['lanecast.yaml']);
  });

  it('begins with what the file says at that moment', async () => {
    const book = open();
    writeFileSync(file, 'streams: [{id: c, url: "rtsp://h/c"}]\nserver: {port: 1}\n');
    const config = await book.edit({ kind: 'add', stream: B });
    expect(ids(config)).toEqual(['c', 'b']);
    expect(config.server.port).toBe(1);
  });

  it('replaces what a link leads to', async () => {
    const link = join(directory, 'link.yaml');
    symlinkSync(file, link);
    const target = file;
    file = link;
    await open().edit({ kind: 'add', stream: B });
    expect(readFileSync(target, 'utf8')).toContain('id: b');
    expect(readdirSync(directory).sort()).toEqual(['lanecast.yaml', 'link.yaml']);
  });

  it.each<[string, Parameters<YamlStreamBook['edit']>[0], string, string]>([
    ['one that is there', { kind: 'add', stream: A }, FILE, 'stream-exists'],
    ['one that is not', { kind: 'remove', id: 'x' }, FILE, 'stream-unknown'],
    ['a file with faults', { kind: 'add', stream: B }, 'streams: 1\n', 'config-invalid'],
    ['a file that is no YAML', { kind: 'add', stream: B }, 'streams: [\n', 'config-syntax'],
    [
      'anchors',
      { kind: 'remove', id: 'a' },
      'streams:\n  - {id: a, url: &u "rtsp://h/a"}\nserver: {host: *u}\n',
      'config-not-editable',
    ],
    [
      'one too many',
      { kind: 'add', stream: B },
      `streams: [${Array.from({ length: 256 }, (_, i) => `{id: s${i}, url: "rtsp://h/s"}`).join(',')}]\n`,
      'config-invalid',
    ],
  ])('refuses %s and leaves the file', async (_, edit, text, code) => {
    writeFileSync(file, text);
    expect((await refusal(open().edit(edit))).code).toBe(code);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('says when it cannot write, and the file stays', async () => {
    // What stands where the new text is written first; as a full disk or a read-only directory would, it fails.
    mkdirSync(join(directory, `lanecast.yaml.${process.pid}.tmp`));
    const { code, message } = await refusal(open().edit({ kind: 'add', stream: B }));
    expect(code).toBe('config-not-saved');
    expect(message).toMatch(/could not be saved to .*lanecast\.yaml \(.+\), so nothing was changed/);
    expect(readFileSync(file, 'utf8')).toBe(FILE);
  });

  it.skipIf(process.getuid?.() === 0)('says when the directory is read-only', async () => {
    chmodSync(directory, 0o555);
    expect((await refusal(open().edit({ kind: 'add', stream: B }))).code).toBe('config-not-saved');
    chmodSync(directory, 0o755);
  });
});

describe('StateStreamBook', () => {
  const base = (...streams: object[]): Config => validateConfig({ streams });
  const path = (): string => join(directory, 'streams.json');

  it('keeps what differs from the command line for the next start', async () => {
    const book = new StateStreamBook(directory, base(A, B));
    await book.edit({ kind: 'add', stream: { id: 'c', url: 'rtsp://h/c' } });
    await book.edit({ kind: 'remove', id: 'b' });
    const next = await book.edit({ kind: 'replace', stream: { id: 'a', url: 'rtsp://h/new' } });
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    const again = new StateStreamBook(directory, base(A, B, { id: 'd', url: 'rtsp://h/d' }));
    expect(again.config.streams).toEqual([
      { id: 'a', url: 'rtsp://u:p@h/new' },
      { id: 'd', url: 'rtsp://h/d' },
      { id: 'c', url: 'rtsp://h/c' },
    ]);
    expect(ids(next)).toEqual(['a', 'c']);
    expect(again.notices).toEqual([expect.stringMatching(/^3 cameras differ from the command line/)]);
    expect(again.persistent).toBe(true);
  });

  it('forgets without a directory', async () => {
    const book = new StateStreamBook(null, base(A));
    expect(ids(await book.edit({ kind: 'add', stream: B }))).toEqual(['a', 'b']);
    expect(book.persistent).toBe(false);
  });

  it('changes nothing when it cannot write', async () => {
    const book = new StateStreamBook(directory, base(A));
    mkdirSync(`${path()}.${process.pid}.tmp`);
    expect((await refusal(book.edit({ kind: 'add', stream: B }))).code).toBe('config-not-saved');
    expect(ids(book.config)).toEqual(['a']);
  });

  it.each([
    ['half a file', '{"version":1,"set":[{"id":"a","url":"rtsp://u:hunter2'],
    ['a wrong one', '{"version":1,"set":[{"id":"a","url":"http://u:hunter2@h"}],"removed":[]}'],
  ])('puts %s aside, says so without its secrets, and starts', async (_, text) => {
    writeFileSync(path(), text);
    const book = new StateStreamBook(directory, base(A));
    expect(ids(book.config)).toEqual(['a']);
    expect(book.notices[0]).toContain('streams.json.damaged');
    expect(book.notices[0]).not.toContain('hunter2');
    await book.edit({ kind: 'add', stream: B });
    expect(readFileSync(`${path()}.damaged`, 'utf8')).toBe(text);
  });

  it('takes no more than the limit', async () => {
    const many = Array.from({ length: 256 }, (_, i) => ({ id: `s${i}`, url: 'rtsp://h/s' }));
    const { code } = await refusal(new StateStreamBook(null, base(...many)).edit({ kind: 'add', stream: B }));
    expect(code).toBe('config-invalid');
  });
});
