import type { InferenceSession } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { SizedSessions } from './sized-sessions.js';

/** Sessions that write down what becomes of them. */
function rig(perSize: boolean, failures = 0) {
  const log: string[] = [];
  let made = 0;
  const sessions = new SizedSessions({
    perSize,
    create: () => {
      const id = made++;
      if (id < failures) return Promise.reject(new Error('no memory'));
      log.push(`create ${id}`);
      return Promise.resolve({
        run: () => Promise.resolve(void log.push(`run ${id}`)),
        release: () => Promise.resolve(void log.push(`release ${id}`)),
      } as unknown as InferenceSession);
    },
  });
  return { log, sessions };
}

describe('SizedSessions', () => {
  it('makes one session for all sizes', async () => {
    const { log, sessions } = rig(false);
    for (const size of [1, 8, 1]) await sessions.run(size, {}, {});
    await sessions.keepOnly([4]);
    await sessions.close();
    await sessions.close();
    expect(log).toEqual(['create 0', 'run 0', 'run 0', 'run 0', 'release 0']);
  });

  it('makes a session for each size, and frees those that are not wanted', async () => {
    const { log, sessions } = rig(true);
    for (const size of [1, 8, 1, 2]) await sessions.run(size, {}, {});
    await sessions.keepOnly([1, 2]);
    expect(log.splice(0)).toEqual([
      'create 0',
      'run 0',
      'create 1',
      'run 1',
      'run 0',
      'create 2',
      'run 2',
      'release 1',
    ]);
    await sessions.close();
    expect(log).toEqual(['release 0', 'release 2']);
  });

  it('tries again after a session that did not start', async () => {
    const { log, sessions } = rig(true, 1);
    await expect(sessions.run(1, {}, {})).rejects.toThrow('no memory');
    await sessions.run(1, {}, {});
    await sessions.close();
    expect(log).toEqual(['create 1', 'run 1', 'release 1']);
  });
});
