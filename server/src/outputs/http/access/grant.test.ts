import { expect, it } from 'vitest';
import { type Grant, type Need, OWNER, permits, type Scope, whenWithdrawn } from './grant.js';

function grant(scopes: Scope[], streams: string[] | null = null, signal: AbortSignal | null = null): Grant {
  return { id: 't', scopes: new Set(scopes), streams: streams && new Set(streams), signal };
}

it.each<[Scope[], Need[], Need[]]>([
  [['view'], ['view', 'pictures', 'tracks', 'live', 'metrics'], ['owner', 'lend']],
  [['pictures'], ['pictures'], ['view', 'tracks', 'live', 'metrics', 'lend', 'owner']],
  [
    ['tracks', 'live'],
    ['tracks', 'live'],
    ['view', 'pictures', 'metrics', 'owner'],
  ],
  [['view', 'lend'], ['lend', 'view'], ['owner']],
])('%j may %j, and not %j', (scopes, allowed, refused) => {
  for (const need of allowed) expect(permits(grant(scopes), need, null), need).toBe(true);
  for (const need of refused) expect(permits(grant(scopes), need, ['a']), need).toBe(false);
});

it('keeps to its streams, and all of them is more', () => {
  const some = grant(['pictures'], ['a', 'b']);
  expect(permits(some, 'pictures', ['a'])).toBe(true);
  expect(permits(some, 'pictures', ['a', 'c'])).toBe(false);
  expect(permits(some, 'pictures', null)).toBe(false);
});

it('lets the owner do everything', () => {
  expect(permits(OWNER, 'owner', null)).toBe(true);
});

it('tells of its end once, also if it was before, and not those who left', () => {
  const control = new AbortController();
  const withdrawn = grant(['view'], null, control.signal);
  const told: string[] = [];
  whenWithdrawn(withdrawn, () => told.push('stays'));
  whenWithdrawn(withdrawn, () => told.push('left'))();
  control.abort();
  whenWithdrawn(withdrawn, () => told.push('late'));
  whenWithdrawn(OWNER, () => told.push('owner'));
  expect(told).toEqual(['stays', 'late']);
});
