import { LanecastError } from '@lanecast/server/core/errors';
import type { Detection } from '@lanecast/server/core/types';

const HEADER = ['frame', 'x', 'y', 'w', 'h', 'score'];
/** Four days at 30 fps. Without a bound one wrong digit would mean hours of empty frames. */
const MAX_FRAME = 10_000_000;

export interface DetectionSequence {
  /** Frames 1 to `lastFrame` are to be processed; those without an entry have no detections. */
  lastFrame: number;
  byFrame: ReadonlyMap<number, Detection[]>;
}

/**
 * Reads `frame,x,y,w,h,score` rows: frames from 1, pixels, top-left origin, rows of a frame in the tracker's order.
 * A header line and blank lines may be there. `name` is for messages. Throws a LanecastError `detections-csv` with the
 * line number.
 */
export function parseDetections(text: string, name: string): DetectionSequence {
  const byFrame = new Map<number, Detection[]>();
  let lastFrame = 0;
  text.split(/\r?\n/).forEach((line, index) => {
    const fields = line.split(',').map((field) => field.trim());
    if (line.trim() === '' || (index === 0 && isHeader(fields))) return;
    const fail = (problem: string): never => {
      throw new LanecastError('detections-csv', `${name}, line ${index + 1}: ${problem}`);
    };
    const values = fields.map((field) => (field === '' ? NaN : Number(field)));
    if (values.length !== HEADER.length || !values.every(Number.isFinite)) {
      return fail(`expected six numbers (${HEADER.join(',')}), found "${line.slice(0, 60)}"`);
    }
    const [frame, x, y, w, h, score] = values as [number, number, number, number, number, number];
    if (!Number.isInteger(frame) || frame < 1 || frame > MAX_FRAME) {
      return fail(`the frame is ${frame}; it must be a whole number from 1 to ${MAX_FRAME}`);
    }
    lastFrame = Math.max(lastFrame, frame);
    const detection = { x1: x, y1: y, x2: x + w, y2: y + h, score, classIndex: 0 };
    const others = byFrame.get(frame);
    if (others) others.push(detection);
    else byFrame.set(frame, [detection]);
  });
  return { lastFrame, byFrame };
}

/** The byte-order mark is what some spreadsheets write. */
function isHeader(fields: readonly string[]): boolean {
  return fields.join(',').replace('\uFEFF', '').toLowerCase() === HEADER.join(',');
}
