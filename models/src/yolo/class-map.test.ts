import { describe, expect, it } from 'vitest';
import { groupClasses, parseNames, VEHICLES } from './class-map.js';

const names = (...list: string[]) => new Map(list.map((name, i) => [i, name]));

describe('groupClasses', () => {
  it('takes COCO as it stands when 80 classes have no names', () => {
    expect(groupClasses(new Map(), 80, VEHICLES)).toEqual([
      { name: 'car', channels: [2] },
      { name: 'motorcycle', channels: [3] },
      { name: 'bus', channels: [5] },
      { name: 'truck', channels: [7] },
    ]);
  });

  it('goes by name, without regard to case, several sources to one class', () => {
    expect(groupClasses(names('Truck', 'van', 'CAR', 'person', 'motorbike'), 5, VEHICLES)).toEqual([
      { name: 'car', channels: [1, 2] },
      { name: 'motorcycle', channels: [4] },
      { name: 'truck', channels: [0] },
    ]);
  });

  it('takes a mapping of its own', () => {
    expect(groupClasses(names('boat', 'ferry', 'buoy'), 3, { ship: ['ferry', 'boat'] })).toEqual([
      { name: 'ship', channels: [0, 1] },
    ]);
  });

  it.each([
    [names('cat', 'dog'), 2, /cat, dog/],
    [new Map<number, string>(), 3, /3 classes without names/],
    // A name without a channel does not count.
    [names('cat', 'car'), 1, /cat, car/],
  ])('says what it found instead: %s', (found, count, message) => {
    expect(() => groupClasses(found, count, VEHICLES)).toThrow(message);
  });
});

describe('parseNames', () => {
  it.each([
    [
      "{0: 'person', 10: 'fire hydrant'}",
      [
        [0, 'person'],
        [10, 'fire hydrant'],
      ],
    ],
    [
      `{0: "driver's cab", 1: 'it\\'s'}`,
      [
        [0, "driver's cab"],
        [1, "it's"],
      ],
    ],
    ['', []],
    ['nonsense', []],
  ])('%s', (text, entries) => expect([...parseNames(text)]).toEqual(entries));
});
