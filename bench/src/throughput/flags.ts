import { InvalidArgumentError } from 'commander';
import { secondsFlag } from '@lanecast/scripts/command-line';

/** Parses `8,16,32`: numbers of streams. */
export function countsFlag(text: string): number[] {
  const counts = text.split(',').map(Number);
  if (counts.every((count) => Number.isInteger(count) && count >= 1 && count <= 256)) return counts;
  throw new InvalidArgumentError('It must be whole numbers from 1 to 256, like 8,16,32.');
}

/** Parses a time in seconds that may be zero. */
export function secondsOrNoneFlag(text: string): number {
  if (/^0+(\.0+)?$/.test(text)) return 0;
  try {
    return secondsFlag(text);
  } catch (cause) {
    if (!(cause instanceof InvalidArgumentError)) throw cause;
    throw new InvalidArgumentError(cause.message.replace('above 0', '0 or more'));
  }
}
