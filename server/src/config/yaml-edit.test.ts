import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { writeStreams } from './yaml-edit.js';

const FILE = `# my cameras
server:
  port: 9000 # behind the proxy

streams:
  # the gate
  - id: north # over the road
    url: "rtsp://u:p@h/north"   # main stream
    scaleMPerPx: 0.05

  # the yard
  - id: yard
    url: rtsp://h/yard

# the end
log: { level: info }
`;
const north = { id: 'north', url: 'rtsp://u:p@h/north', scaleMPerPx: 0.05 };
const yard = { id: 'yard', url: 'rtsp://h/yard' };
const dock = { id: 'dock', url: `rtsp://h/dock?${'x'.repeat(120)}`, transport: 'udp' as const };

describe('writeStreams', () => {
  it('adds one at the end and changes nothing else', () => {
    const text = writeStreams(FILE, [north, yard, dock]);
    expect(parse(text)).toMatchObject({ streams: [north, yard, dock] });
    const lines = (content: string): string[] => content.split('\n').map((line) => line.replace(/ +#/, ' #'));
    const added = ['  - id: dock', `    url: ${dock.url}`, '    transport: udp'];
    expect(lines(text)).toEqual(
      lines(FILE).flatMap((line) => (line === '    url: rtsp://h/yard' ? [line, ...added] : [line])),
    );
  });

  it('changes what is another and keeps the comments of what is not', () => {
    const text = writeStreams(FILE, [{ ...north, url: 'rtsp://u:p@h/other', scaleMPerPx: 0.05 }, yard]);
    expect(parse(text)).toMatchObject({ streams: [{ url: 'rtsp://u:p@h/other' }, yard] });
    for (const comment of [
      '# my cameras',
      '# behind the proxy',
      '# the gate',
      '# over the road',
      '# main stream',
      '# the yard',
      '# the end',
    ])
      expect(text).toContain(comment);
  });

  it('takes away what is no longer said, and calibrations are whole', () => {
    const calibration = { points: [1, 2, 3, 4].map((n) => ({ image: [n, n * n], ground: [n, 0] })) };
    const text = writeStreams(FILE, [{ id: 'north', url: north.url, calibration } as never, yard]);
    const [first] = (parse(text) as { streams: object[] }).streams;
    expect(first).toEqual({ id: 'north', url: north.url, calibration });
  });

  it('removes one with its own comment only', () => {
    const text = writeStreams(FILE, [north]);
    expect(parse(text)).toMatchObject({ streams: [north] });
    expect(text).toContain('# the gate');
    expect(text).toContain('# my cameras');
  });

  it.each([
    ['an empty list', 'streams: []\n'],
    ['nothing', 'streams:\n'],
    ['no list', 'server: {port: 1}\n'],
    ['no text', ''],
    ['a list that is not indented', 'streams:\n- id: north\n  url: rtsp://h/old\n'],
    ['braces', 'streams: [{id: north, url: "rtsp://h/old"}]\n'],
  ])('begins with %s', (_, text) => {
    const next = writeStreams(text, [north, yard]);
    expect(parse(next)).toMatchObject({ streams: [north, yard] });
    if (text.includes('\n- ')) expect(next).toMatch(/^- id: yard/m);
  });

  it('ends with an empty list', () => {
    expect(parse(writeStreams(FILE, []))).toMatchObject({ streams: [], server: { port: 9000 } });
  });

  it.each([
    ['an alias for the list', 'x: &s [{id: north, url: "rtsp://h/n"}]\nstreams: *s\n'],
    ['an alias for a stream', 'streams: [&n {id: north, url: "rtsp://h/n"}, *n]\n'],
    ['faults', 'streams: [\n'],
    [
      'a removed anchor',
      'streams:\n  - {id: gone, url: &u "rtsp://h/n"}\n  - {id: north, url: "rtsp://h/n"}\nserver: {host: *u}\n',
    ],
  ])('refuses %s', (_, text) => {
    expect(() => writeStreams(text, [north])).toThrow(expect.objectContaining({ code: 'config-not-editable' }));
  });
});
