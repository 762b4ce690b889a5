import { describe, expect, it } from 'vitest';
import { parseDetections } from './detections-csv.js';

describe('parseDetections', () => {
  it('reads rows of any order, with a header or without one', () => {
    const rows = '3,10,20,30.5,40,0.9\n1,0,0,5,5,0.25\n3,1,2,3,4,0.5';
    for (const text of [rows, `frame,x,y,w,h,score\n${rows}\n`, `\uFEFFFrame, X, Y, W, H, Score\r\n${rows}\r\n\r\n`]) {
      const { lastFrame, byFrame } = parseDetections(text, 'a.csv');
      expect(lastFrame).toBe(3);
      expect([...byFrame.keys()].sort()).toEqual([1, 3]);
      expect(byFrame.get(3)).toEqual([
        { x1: 10, y1: 20, x2: 40.5, y2: 60, score: 0.9, classIndex: 0 },
        { x1: 1, y1: 2, x2: 4, y2: 6, score: 0.5, classIndex: 0 },
      ]);
    }
  });

  it('takes an empty file for no frames', () => {
    expect(parseDetections('', 'a.csv').lastFrame).toBe(0);
    expect(parseDetections('frame,x,y,w,h,score\n', 'a.csv').lastFrame).toBe(0);
  });

  it.each([
    ['a word', '1,0,0,5,five,0.9'],
    ['a missing value', '1,0,0,5,,0.9'],
    ['five columns', '1,0,0,5,0.9'],
    ['seven columns', '1,0,0,5,5,0.9,1'],
    ['infinity', '1,0,0,Infinity,5,0.9'],
    ['frame 0', '0,0,0,5,5,0.9'],
    ['half a frame', '1.5,0,0,5,5,0.9'],
    ['a frame in a year', '900000000,0,0,5,5,0.9'],
    ['a second header', 'frame,x,y,w,h,score'],
    ['no CSV at all', '\u0000\u0001PNG'],
  ])('refuses %s, with file and line', (_, row) => {
    const parse = () => parseDetections(`1,0,0,5,5,0.9\n${row}\n`, 'a.csv');
    expect(parse).toThrow(expect.objectContaining({ code: 'detections-csv' }));
    expect(parse).toThrow('a.csv, line 2: ');
  });
});
