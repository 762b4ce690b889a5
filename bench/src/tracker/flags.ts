import { InvalidArgumentError } from 'commander';

/** Parses a number. */
export function numberFlag(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

/** Parses a score or a cost: 0 to 1. */
export function shareFlag(text: string): number {
  const value = numberFlag(text);
  if (value < 0 || value > 1) throw new InvalidArgumentError('It must be a number from 0 to 1.');
  return value;
}

/** Parses a number that is 1 or more. */
export function atLeastOneFlag(text: string): number {
  const value = numberFlag(text);
  if (value < 1) throw new InvalidArgumentError('It must be a number, 1 or more.');
  return value;
}
