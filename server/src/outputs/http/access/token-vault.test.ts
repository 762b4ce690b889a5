import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MAX_TOKENS, type StoredToken, TokenVault, type TokenWish } from './token-vault.js';

const WISH: TokenWish = { scopes: ['pictures'], streams: ['north'], label: 'map', ttlS: 3600 };

function setUp(saved: readonly StoredToken[] = []) {
  const disk = { tokens: [...saved], isFull: false };
  const save = (tokens: readonly StoredToken[]): Promise<void> => {
    if (disk.isFull) return Promise.reject(new Error('no space'));
    disk.tokens = [...tokens];
    return Promise.resolve();
  };
  return { disk, vault: new TokenVault({ saved, save, epochMs: Date.now }) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('TokenVault', () => {
  it('knows the tokens that it made, and no others', async () => {
    const { vault } = setUp();
    const { token, info } = await vault.create(WISH);
    expect(vault.find(token)).toMatchObject({
      id: info.id,
      scopes: new Set(['pictures']),
      streams: new Set(['north']),
    });
    const other = await vault.create(WISH);
    const [, , secret] = other.token.split(/_(?=[\w-]{12}_)|(?<=^lct_.{12})_/);
    for (const odd of [
      `${token}x`,
      token.slice(0, -1),
      token.slice(0, -4) + 'AAAA',
      '',
      'lct_',
      other.token.replace(other.info.id, info.id),
      secret ?? '',
    ])
      expect(vault.find(odd), odd).toBe(null);
  });

  it('keeps no secret, and knows its tokens after a restart', async () => {
    const { vault, disk } = setUp();
    const { token, info } = await vault.create(WISH);
    expect(JSON.stringify(disk.tokens)).not.toContain(token.slice(-32));
    expect(setUp(disk.tokens).vault.find(token)?.id).toBe(info.id);
  });

  it('ends a token when it is revoked, and tells those who came with it', async () => {
    const { vault, disk } = setUp();
    const { token, info } = await vault.create(WISH);
    const { signal } = vault.find(token)!;
    expect(await vault.revoke(info.id)).toBe(true);
    expect([vault.find(token), signal?.aborted, disk.tokens]).toEqual([null, true, []]);
    expect(await vault.revoke(info.id)).toBe(false);
  });

  it('ends a token when its time is over, also with nobody asking', async () => {
    const { vault } = setUp();
    const { token } = await vault.create({ ...WISH, ttlS: 60 });
    const later = await vault.create({ ...WISH, ttlS: 365 * 24 * 3600 });
    const { signal } = vault.find(token)!;
    vi.advanceTimersByTime(59_000);
    expect(signal?.aborted).toBe(false);
    vi.advanceTimersByTime(1000);
    expect([signal?.aborted, vault.find(token), vault.list().map(({ id }) => id)]).toEqual([
      true,
      null,
      [later.info.id],
    ]);
    // Longer than a timer holds.
    vi.advanceTimersByTime(364 * 24 * 3_600_000);
    expect(vault.find(later.token)).not.toBe(null);
    vi.advanceTimersByTime(24 * 3_600_000);
    expect(vault.find(later.token)).toBe(null);
  });

  it('loses no token to a clock that was wrong for a while', async () => {
    const { vault, disk } = setUp();
    const { token } = await vault.create(WISH);
    const before = Date.now();
    const { signal } = vault.find(token)!;
    vi.setSystemTime(before + 20 * 24 * 3_600_000);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect([signal?.aborted, vault.find(token), vault.list()]).toEqual([true, null, []]);
    await vault.create(WISH);
    vi.setSystemTime(before + 1000);
    expect(vault.find(token)?.signal?.aborted).toBe(false);
    expect(setUp(disk.tokens).vault.find(token)).not.toBe(null);
  });

  it('forgets what ended long ago', async () => {
    const { vault, disk } = setUp();
    await vault.create(WISH);
    vi.setSystemTime(Date.now() + 32 * 24 * 3_600_000);
    const { info } = await vault.create(WISH);
    expect(disk.tokens.map(({ id }) => id)).toEqual([info.id]);
  });

  it('changes nothing when nothing can be saved', async () => {
    const { vault, disk } = setUp();
    const { token, info } = await vault.create(WISH);
    disk.isFull = true;
    await expect(vault.create(WISH)).rejects.toThrow('no space');
    await expect(vault.revoke(info.id)).rejects.toThrow('no space');
    expect([vault.list().length, vault.find(token)?.id]).toEqual([1, info.id]);
    disk.isFull = false;
    expect(await vault.revoke(info.id)).toBe(true);
  });

  it('does not grow without end', async () => {
    const { vault } = setUp();
    for (let i = 0; i < MAX_TOKENS; i++) await vault.create(WISH);
    await expect(vault.create(WISH)).rejects.toMatchObject({ code: 'too-many-tokens' });
  });
});
