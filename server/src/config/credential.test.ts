import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readCredential } from './credential.js';

const folder = mkdtempSync(join(tmpdir(), 'lanecast-credential-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('reads what the service manager hands over, without the line end of an editor', () => {
  writeFileSync(join(folder, 'lanecast-token'), 'a-token-of-good-length\n');
  writeFileSync(join(folder, 'empty'), '\n');
  const environment = { CREDENTIALS_DIRECTORY: folder };
  expect(readCredential(environment, 'lanecast-token')).toBe('a-token-of-good-length');
  expect(readCredential(environment, 'empty')).toBeUndefined();
  expect(readCredential(environment, 'other')).toBeUndefined();
  expect(readCredential({}, 'lanecast-token')).toBeUndefined();
});
