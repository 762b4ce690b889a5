import type { Config } from '../../config/schema.js';
import type { Log } from '../../core/log.js';
import type { DetectorInfo } from '../../detect/types.js';
import { systemClock } from '../../ops/clock.js';
import { LendingDesk, type LendingHouse } from './lending-desk.js';

/** The most rows of a frame that are taken: the candidates above the threshold of a crowded picture. */
const MAX_ROWS = 300;

/** The desk where pages lend their GPU; null where the configuration takes none. */
export function openLending(
  { mode, scoreThreshold, iouThreshold, maxLentLatencyMs }: Config['detector'],
  detector: DetectorInfo | null,
  log: Log,
  house: LendingHouse,
): LendingDesk | null {
  if (!detector || (mode !== 'auto' && mode !== 'browser')) return null;
  return new LendingDesk({
    house,
    intake: { classCount: detector.classes.length, scoreThreshold, iouThreshold, maxRows: MAX_ROWS },
    serverDetects: mode === 'auto',
    maxLatencyMs: maxLentLatencyMs,
    clock: systemClock,
    log,
    // Leases of a server that ran before are none of this one's.
    firstLease: Math.floor(Math.random() * 2 ** 32),
  });
}
