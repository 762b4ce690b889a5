import { describe, expect, it } from 'vitest';
import { LanecastError } from '../core/errors.js';
import { createLogger } from './logger.js';

function setUp(level = 'info') {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger(level, { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
  return { log, lines };
}
const SECRET = 'rtsp://user:hunter2@10.0.0.1/live?token=hunter2';

describe('createLogger', () => {
  it('writes one JSON object a line, with its fields and without pid and host', () => {
    const { log, lines } = setUp();
    log.info({ stream: 'north', state: 'live' }, 'north is live');
    log.debug({}, 'not at this level');
    expect(lines).toEqual([
      { level: 30, time: expect.any(Number) as number, stream: 'north', state: 'live', msg: 'north is live' },
    ]);
  });

  it('keeps credentials out of messages, fields, errors and their causes', () => {
    const { log, lines } = setUp();
    log.warn({ url: SECRET, deep: { list: [SECRET] }, count: 7 }, `cannot reach ${SECRET}`);
    log.error({ err: new LanecastError('x-failed', `no ${SECRET}`, { cause: new Error(SECRET) }) }, 'failed');
    log.error(new Error(SECRET));
    expect(lines).toHaveLength(3);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(lines[0]).toMatchObject({ url: 'rtsp://10.0.0.1/live?token=***', count: 7 });
    expect(lines[1]!['err']).toMatchObject({ type: 'LanecastError', code: 'x-failed' });
    expect((lines[1]!['err'] as { stack: string }).stack).toContain('logger.test.ts');
  });

  it('does not follow what has no end', () => {
    const { log, lines } = setUp();
    const loop: Record<string, unknown> = { name: 'loop' };
    loop['self'] = loop;
    log.info({ loop }, 'x');
    expect(lines).toHaveLength(1);
  });
});
