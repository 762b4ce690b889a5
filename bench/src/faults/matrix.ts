/** Makes one fault after the other happen, and holds the server to account. */
import { messageOf } from '@lanecast/server/core/errors';
import { CAMERA_FAULTS } from './camera-faults.js';
import { CLIENT_FAULTS } from './client-faults.js';
import { DETECTION_FAULTS } from './detection-faults.js';
import type { Fault } from './fault.js';
import { Observer } from './observer.js';
import { losses, type StreamProof } from './proof.js';
import { PROCESS_FAULTS } from './process-faults.js';
import { NETWORK_FAULTS } from './network-faults.js';
import { type Rig, sleep } from './rig.js';
import { THREAD_FAULTS } from './thread-faults.js';

export const FAULTS: readonly Fault[] = [
  ...CAMERA_FAULTS,
  ...NETWORK_FAULTS,
  ...THREAD_FAULTS,
  ...DETECTION_FAULTS,
  ...CLIENT_FAULTS,
  ...PROCESS_FAULTS,
];

export interface FaultResult {
  name: string;
  /** Why it was not tried. */
  skipped: string | null;
  recoveredMs: number | null;
  /** Figures of this fault, one line each. */
  notes: string[];
  /** What is wrong, one line each. */
  failures: string[];
  /** Those who could suffer, and the streams that had to lose nothing. */
  victims: Record<string, StreamProof>;
  others: Record<string, StreamProof>;
}

/** What the server logs when a service manager would restart it. */
const NOT_ALIVE = /"code":"not-alive".*?"msg":"(.*?)"/;
const BASELINE_MS = 5000;
/** What a fault does to others may come late. */
const AFTERMATH_MS = 1500;

/** The longest time without a picture while nothing is wrong: the machine's own. */
export async function baselineGapMs(rig: Rig): Promise<number> {
  const observer = new Observer(rig.url);
  await sleep(BASELINE_MS);
  return Math.max(...[...(await observer.stop()).values()].map(({ longestGapMs }) => longestGapMs));
}

export async function runFault(rig: Rig, fault: Fault, maxGapMs: number): Promise<FaultResult> {
  const { name, victims } = fault;
  const result: FaultResult = {
    name,
    victims: {},
    skipped: fault.skip?.(rig) ?? null,
    recoveredMs: null,
    notes: [],
    failures: [],
    others: {},
  };
  if (result.skipped !== null) return result;
  try {
    await fault.prepare?.(rig);
    // The fault before may have begun another server.
    await rig.untilAllPictures();
  } catch (error) {
    result.failures.push(`it could not be prepared: ${messageOf(error)}`);
    return result;
  }
  const observer = fault.endsServer ? null : new Observer(rig.url);
  const outputBefore = rig.serverOutput.length;
  try {
    await fault.happen(rig);
    const sinceMs = rig.takeRecoveryBegin();
    await fault.recover(rig);
    result.recoveredMs = performance.now() - sinceMs;
  } catch (error) {
    result.failures.push(messageOf(error));
  }
  await sleep(AFTERMATH_MS);
  try {
    for (const [id, proof] of (await observer?.stop()) ?? []) {
      if (victims.includes(id)) {
        result.victims[id] = proof;
        if (!fault.mayGoUnnoticed && losses(proof, maxGapMs).length === 0)
          result.failures.push(`${id} did not suffer: what the others did not lose proves nothing`);
        continue;
      }
      result.others[id] = proof;
      result.failures.push(...losses(proof, maxGapMs).map((loss) => `${id}: ${loss}`));
    }
  } catch (error) {
    result.failures.push(`the server does not answer: ${messageOf(error)}`);
  }
  try {
    await fault.afterwards?.(rig);
  } catch (error) {
    result.failures.push(messageOf(error));
  }
  const given = NOT_ALIVE.exec(rig.serverOutput.slice(outputBefore));
  if (given) result.failures.push(`a service manager would have restarted the server: ${given[1]}`);
  result.notes = rig.takeNotes();
  return result;
}
