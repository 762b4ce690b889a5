import { expect, it } from 'vitest';
import { StreamBook } from './stream-book.js';

it('knows what the server does by itself, also while a page detects and shortly after', () => {
  const book = new StreamBook();
  expect(book.serverPerS('north', 20, false, 0)).toBe(20);
  expect(book.serverPerS('north', 5, true, 1000)).toBe(20);
  expect(book.serverPerS('north', 6, true, 60_000)).toBe(20);
  expect(book.serverPerS('north', 7, false, 61_000)).toBe(20);
  expect(book.serverPerS('north', 18, false, 68_000)).toBe(18);
});

it('forgets streams that are gone', () => {
  const book = new StreamBook();
  book.frames('north');
  const south = book.frames('south');
  expect(book.keepOnly(new Set(['south']))).toEqual(['north']);
  expect(book.frames('south')).toBe(south);
});
