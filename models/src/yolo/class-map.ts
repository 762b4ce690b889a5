import { ModelError } from '../errors.js';

/** One output class and the source channels (indices of the source's classes) that count as it. */
export interface ClassGroup {
  name: string;
  channels: readonly number[];
}

/** Output classes and the names of the source's classes that count as each. */
export type ClassMapping = Readonly<Record<string, readonly string[]>>;

/** Vehicle classes by the names that common data sets give them. */
export const VEHICLES: ClassMapping = {
  car: ['car', 'van'],
  motorcycle: ['motorcycle', 'motorbike'],
  bus: ['bus'],
  truck: ['truck', 'lorry'],
};

/** COCO's places of car, motorcycle, bus and truck, for exports of 80 classes without names. */
const COCO_NAMES = new Map([
  [2, 'car'],
  [3, 'motorcycle'],
  [5, 'bus'],
  [7, 'truck'],
]);

/** Reads Ultralytics' `names` metadata, a Python dictionary such as `{0: 'person', 1: "driver's cab"}`. */
export function parseNames(text: string): Map<number, string> {
  const names = new Map<number, string>();
  const entry = /(\d+)\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;
  for (const [, index, single, double] of text.matchAll(entry)) {
    names.set(Number(index), (single ?? double ?? '').replace(/\\(.)/g, '$1'));
  }
  return names;
}

/**
 * Which channels make up each output class. Names match without regard to case. Output classes that the source does
 * not know are left out; if none is known the error names what the source has.
 */
export function groupClasses(names: ReadonlyMap<number, string>, count: number, mapping: ClassMapping): ClassGroup[] {
  const known = names.size === 0 && count === 80 ? COCO_NAMES : names;
  const groups: ClassGroup[] = [];
  for (const [name, sources] of Object.entries(mapping)) {
    const wanted = new Set(sources.map((source) => source.toLowerCase()));
    const channels = [...known].filter(([index, source]) => index < count && wanted.has(source.toLowerCase()));
    if (channels.length > 0) groups.push({ name, channels: channels.map(([index]) => index) });
  }
  if (groups.length === 0) {
    const found = names.size > 0 ? [...names.values()].slice(0, 12).join(', ') : `${count} classes without names`;
    throw new ModelError(
      'model-options',
      `none of the classes ${Object.values(mapping).flat().join(', ')} is in this detector (it has ${found}): ` +
        'map its classes with --class NAME=SOURCE[,SOURCE]',
    );
  }
  return groups;
}
