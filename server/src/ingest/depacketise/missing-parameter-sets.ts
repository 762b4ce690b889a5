import type { AccessUnit } from './access-unit.js';

const NAL_TYPE = 0x1f;
const SPS = 7;
const PPS = 8;

/**
 * The parameter sets (NAL units) that the depacketiser put into an H.264 keyframe which came without them: whoever passes
 * the packets on must send them first. Empty if the unit is no keyframe or brought its own.
 */
export function missingParameterSets(unit: Pick<AccessUnit, 'isKeyframe' | 'nalTypes' | 'data'>): Uint8Array[] {
  if (!unit.isKeyframe || (unit.nalTypes.includes(SPS) && unit.nalTypes.includes(PPS))) return [];
  const sets: Uint8Array[] = [];
  const { data } = unit;
  let start = nextStart(data, 0);
  while (start < data.length) {
    const type = data[start]! & NAL_TYPE;
    // Slices come last and are large.
    if (type >= 1 && type <= 5) break;
    const next = nextStart(data, start);
    const end = next < data.length ? next - 4 : data.length;
    if ((type === SPS || type === PPS) && !unit.nalTypes.includes(type)) sets.push(data.slice(start, end));
    start = next;
  }
  return sets;
}

/** Where the NAL unit behind the next start code of four bytes begins; the length of `data` if there is none. */
function nextStart(data: Uint8Array, from: number): number {
  for (let at = from; at + 4 <= data.length; at++) {
    if (data[at] === 0 && data[at + 1] === 0 && data[at + 2] === 0 && data[at + 3] === 1) return at + 4;
  }
  return data.length;
}
