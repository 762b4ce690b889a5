/** The materials that all vehicles share. A vehicle's own colours take the place of the first three. */
import { MaterialList, Surface, srgb, type Material } from '../render/materials.js';

const list = new MaterialList();
const light = (hex: number): number => list.add({ surface: Surface.Light, colour: srgb(hex), emission: 0 });

export const PAINT = list.of(Surface.Paint, 0x888888);
/** Cargo box, trailer, stripe, or a rider's jacket. */
export const SECOND = list.of(Surface.Matte, 0xdddddd);
/** Helmet, tarpaulin. */
export const THIRD = list.of(Surface.Paint, 0x222222);
export const GLASS = list.of(Surface.Glass, 0x10151a);
export const PLASTIC = list.of(Surface.Matte, 0x1d1e20);
export const TYRE = list.of(Surface.Matte, 0x17171a);
export const RIM = list.of(Surface.Paint, 0x9aa0a6);
export const CHASSIS = list.of(Surface.Matte, 0x2a2b2e);
export const CHROME = list.of(Surface.Paint, 0xb9bec4);
export const PLATE = list.of(Surface.Matte, 0xe4e4dc);
export const SKIN = list.of(Surface.Matte, 0xb98a6c);
export const HEADLIGHT = light(0xf6f4ea);
export const TAIL_LIGHT = light(0xc0141a);
export const BRAKE_LIGHT = light(0x8a1014);
export const INDICATOR = light(0xd98324);

/** By slot number. */
export const VEHICLE_MATERIALS: readonly Material[] = list.all;
