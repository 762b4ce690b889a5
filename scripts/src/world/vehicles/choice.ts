/** How a seed chooses vehicles and their colours. */
import { srgb, type Rgb } from '../render/materials.js';
import { modelNamed, type Livery, type VehicleClass, type VehicleModel } from './catalogue.js';

/** Shares of the classes in a scene's traffic; they need not add up to 1. */
export type Mix = Record<VehicleClass | 'van', number>;

const CHOICES: Record<keyof Mix, readonly (readonly [string, number])[]> = {
  car: [
    ['saloon', 5],
    ['hatchback', 5],
    ['small', 3],
    ['estate', 3],
    ['suv', 4],
    ['suv-large', 2],
    ['coupe', 1],
    ['mpv', 2],
    ['pickup', 1.5],
  ],
  van: [
    ['van', 3],
    ['minibus', 1],
    ['high-van', 3],
  ],
  truck: [
    ['box-truck', 3],
    ['long-box-truck', 2],
    ['tipper', 1.3],
    ['articulated', 3],
    ['tanker', 1],
  ],
  bus: [
    ['city-bus', 3],
    ['coach', 2],
    ['midi-bus', 1],
  ],
  motorcycle: [
    ['motorcycle', 2],
    ['tourer', 1],
    ['scooter', 1],
  ],
};

/** `longest`: nothing longer (m), for streets that a lorry cannot turn in. */
export function chooseModel(mix: Mix, random: () => number, longest = Infinity): VehicleModel {
  const kind = weighted(Object.entries(mix) as [keyof Mix, number][], random);
  const fitting = CHOICES[kind].filter(([name]) => modelNamed(name).lengthM <= longest);
  return modelNamed(weighted(fitting, random));
}

export function weighted<T>(choices: readonly (readonly [T, number])[], random: () => number): T {
  let rest = random() * choices.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [value, weight] of choices) {
    rest -= weight;
    if (rest < 0) return value;
  }
  return choices.at(-1)![0];
}

const CAR_PAINTS: readonly (readonly [number, number])[] = [
  [0xe9eaea, 22],
  [0x17181a, 17],
  [0x4b4f54, 16],
  [0xa9adb0, 15],
  [0x23375c, 8],
  [0x2f5f9e, 4],
  [0x8f1a1c, 8],
  [0xb92a22, 3],
  [0x5d2a1e, 2],
  [0x24452f, 3],
  [0xb7a684, 3],
  [0xd9a521, 1.5],
  [0xc65a1c, 1.5],
  [0x5aa0b4, 1.5],
];
const VAN_PAINTS: readonly (readonly [number, number])[] = [
  [0xf0f0ee, 12],
  [0xb9bcbe, 2],
  [0x3a3d42, 2],
  [0x22406e, 1],
  [0xd7a41d, 1.5],
  [0xa82020, 1],
];
const BRIGHT: readonly (readonly [number, number])[] = [
  [0xb22222, 3],
  [0x1f4f8f, 3],
  [0x1d6b3a, 2],
  [0xd9dadb, 4],
  [0xe0a31a, 2],
  [0x2b2d31, 2],
  [0xc85a17, 1],
];
const CARGO: readonly (readonly [number, number])[] = [
  [0xe8e8e4, 8],
  [0xc9ccce, 3],
  [0x2d5a8c, 1.5],
  [0x8b2420, 1.5],
  [0x2f6b45, 1.5],
  [0xd0a93c, 1],
];

export function chooseLivery(model: VehicleModel, random: () => number): Livery {
  const pick = (choices: readonly (readonly [number, number])[]): Rgb => srgb(weighted(choices, random));
  const isVan = model.class === 'car' && model.lengthM > 4.98 && model.name !== 'pickup';
  const paint = pick(model.class === 'car' ? (isVan ? VAN_PAINTS : CAR_PAINTS) : BRIGHT);
  return { paint, second: pick(CARGO), third: pick(BRIGHT) };
}
