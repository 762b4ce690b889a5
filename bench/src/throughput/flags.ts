import { InvalidArgumentError } from 'commander';
import { secondsFlag } from '@lanecast/scripts/command-line';

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
