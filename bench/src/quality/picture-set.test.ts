import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseLabels, readPictureSet } from './picture-set.js';

const folder = mkdtempSync(join(tmpdir(), 'lanecast-set-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const box = { classIndex: 3, centreX: 0.5, centreY: 0.25, width: 0.1, height: 0.2 };

describe('parseLabels', () => {
  it('reads boxes, with and without occlusion', () => {
    expect(parseLabels('3 0.5 0.25 0.1 0.2\n\n', 'a.txt')).toEqual([{ ...box, occlusion: null }]);
    expect(parseLabels('3 0.5 0.25 0.1 0.2 0.75', 'a.txt')).toEqual([{ ...box, occlusion: 0.75 }]);
    expect(parseLabels('3 0.5 0.25 0.1 0.2\n', 'a.txt', '0.4\n')).toEqual([{ ...box, occlusion: 0.4 }]);
    expect(parseLabels('', 'a.txt')).toEqual([]);
  });

  it.each([
    ['too few numbers', '0 0.5 0.5 0.1', undefined, 'a.txt, line 1'],
    ['a word', '0 0.5 0.5 0.1 0.1\nx 0.5 0.5 0.1 0.1', undefined, 'a.txt, line 2'],
    ['a class that is no whole number', '0.5 0.5 0.5 0.1 0.1', undefined, 'a.txt, line 1'],
    ['another number of occlusions', '0 0.5 0.5 0.1 0.1', '0\n0\n', 'a.txt has 1 labels, but 2 occlusions'],
  ])('refuses %s', (_, text, occlusion, message) => {
    expect(() => parseLabels(text, 'a.txt', occlusion)).toThrow(message);
  });
});

describe('readPictureSet', () => {
  it('finds labels and occlusion beside the pictures; a picture without labels is empty', () => {
    for (const kind of ['labels', 'occlusion']) mkdirSync(join(folder, kind));
    writeFileSync(join(folder, 'val.txt'), 'images/a.jpg\nimages/b.b.jpg\n');
    writeFileSync(join(folder, 'labels/a.txt'), '3 0.5 0.25 0.1 0.2\n');
    writeFileSync(join(folder, 'occlusion/a.txt'), '0.9\n');
    expect(readPictureSet(folder, 'val.txt')).toEqual([
      { name: 'images/a.jpg', path: join(folder, 'images/a.jpg'), labels: [{ ...box, occlusion: 0.9 }] },
      { name: 'images/b.b.jpg', path: join(folder, 'images/b.b.jpg'), labels: [] },
    ]);
  });

  it('says which list is missing or empty', () => {
    writeFileSync(join(folder, 'none.txt'), '\n');
    expect(() => readPictureSet(folder, 'missing.txt')).toThrow(join(folder, 'missing.txt'));
    expect(() => readPictureSet(folder, 'none.txt')).toThrow('names no pictures');
  });
});
