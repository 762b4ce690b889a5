import { expect, it } from 'vitest';
import { parseDetections } from './detections-csv.js';
import { replay } from './replay.js';

const OPTIONS = { trackThreshold: 0.7, matchThreshold: 0.8, trackBuffer: 30, frameRate: 30 };

it('writes corners to four decimals and scores to six', () => {
  const sequence = parseDetections('1,100,50,30,60,0.9\n2,100,50,30,60,0.8123456', 'a.csv');
  expect(replay(sequence, OPTIONS).rows).toEqual([
    '1,1,100.0000,50.0000,130.0000,110.0000,0.900000',
    '2,1,100.0000,50.0000,130.0000,110.0000,0.812346',
  ]);
});

it('counts frames without rows as updates: the track is lost for too long', () => {
  const rows = (frame: number) => parseDetections(`1,100,50,30,60,0.9\n${frame},100,50,30,60,0.9`, 'a.csv');
  expect(replay(rows(33), OPTIONS)).toMatchObject({ frames: 33, tracks: 1 });
  expect(replay(rows(33), OPTIONS).rows[1]).toMatch(/^33,1,/);
  expect(replay(rows(34), OPTIONS).rows).toHaveLength(1);
  expect(replay(rows(34), { ...OPTIONS, trackBuffer: 60 }).rows).toHaveLength(2);
});

it('confirms nothing at once when frame 1 has no rows', () => {
  expect(replay(parseDetections('2,100,50,30,60,0.9', 'a.csv'), OPTIONS).rows).toEqual([]);
});

it('tells how many boxes it could not use', () => {
  expect(replay(parseDetections('1,0,0,-5,5,0.9\n1,0,0,5,5,0.9', 'a.csv'), OPTIONS)).toMatchObject({
    detectionsDropped: 1,
    tracks: 1,
  });
});

it('is not limited to as many objects as the pipeline', () => {
  const rows = Array.from({ length: 2500 }, (_, i) => `1,${(i % 50) * 100},${Math.floor(i / 50) * 100},30,60,0.9`);
  expect(replay(parseDetections(rows.join('\n'), 'a.csv'), OPTIONS).tracks).toBe(2500);
});
