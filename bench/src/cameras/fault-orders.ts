/** The faults that a camera process can be told to have, as messages; applied with the RTSP server's `Faults`. */
import { seededRandom } from '@lanecast/server/core/random';
import type { Faults } from '@lanecast/scripts/rtsp-server/faults';

export type FaultOrder =
  | { name: 'freeze' }
  | { name: 'drop'; rate: number }
  | { name: 'corrupt'; rate: number }
  | { name: 'shift'; ticks: number }
  | { name: 'wrap'; ticks: number }
  | { name: 'jitter'; jitterMs: number }
  | { name: 'splice'; from: string };

export function applyFault(faults: Faults, path: string, fault: FaultOrder): void {
  // The same each time.
  const random = seededRandom(1);
  switch (fault.name) {
    case 'freeze':
      faults.freeze(path);
      return;
    case 'drop':
      faults.drop(path, fault.rate, random);
      return;
    case 'corrupt':
      faults.corrupt(path, { rate: fault.rate, kinds: ['noise', 'truncate', 'runt'], random });
      return;
    case 'shift':
      faults.shiftTimestamps(path, fault.ticks);
      return;
    case 'wrap':
      faults.wrapTimestamps(path, fault.ticks);
      return;
    case 'jitter':
      faults.jitter(path, fault.jitterMs, random);
      return;
    case 'splice':
      faults.splice(path, fault.from);
      return;
  }
}
