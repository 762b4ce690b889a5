import { expect, it } from 'vitest';
import type { Session } from '../state/access.js';
import type { ServerConfig } from './camera-types.js';
import { warningOf, whyNotChange } from './may-change.js';

const source = { file: '/etc/lanecast.yaml', persistent: true, error: null, needsRestart: [] };
const fixed: ServerConfig = { streams: [], ingest: { transport: 'tcp' }, speed: { scaleMPerPx: 0.05 } };
const config: ServerConfig = { ...fixed, source };
const session = (scopes: 'all' | string[], tokenNeeded = true): Session => ({
  tokenNeeded,
  grant: { id: 'x', scopes },
});

it('is for the owner, and for everybody where there is no token', () => {
  expect(whyNotChange(session('all'), config)).toBeNull();
  expect(whyNotChange({ tokenNeeded: false, grant: { id: 'owner', scopes: 'all' } }, config)).toBeNull();
  expect(whyNotChange(session(['view', 'lend']), config)).toMatch(/token of the configuration/);
  expect(whyNotChange({ tokenNeeded: true, grant: null }, config)).toMatch(/token/);
});

it('is not where the configuration is fixed', () => {
  expect(whyNotChange(session('all'), fixed)).toMatch(/cannot change/);
  expect(warningOf(fixed)).toBeNull();
});

it('warns of what is not kept, and of a faulty file', () => {
  expect(warningOf(config)).toBeNull();
  expect(warningOf({ ...config, source: { ...source, persistent: false } })).toMatch(/forgotten/);
  const error = { code: 'config-invalid', message: 'lanecast.yaml:3: streams.0.url is missing' };
  expect(warningOf({ ...config, source: { ...source, error } })).toMatch(/lanecast\.yaml:3/);
});
