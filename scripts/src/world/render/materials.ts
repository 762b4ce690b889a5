/** What surfaces are made of. Colours are linear, 0..1. */

export type Rgb = readonly [number, number, number];

/** How a surface is textured and how it answers to light. */
export enum Surface {
  Matte,
  Asphalt,
  Marking,
  Grass,
  Concrete,
  Facade,
  Foliage,
  Paint,
  Glass,
  /** Shines by itself; `emission` says how brightly. */
  Light,
}

export interface Material {
  surface: Surface;
  colour: Rgb;
  /** Radiance of its own, in multiples of its colour. */
  emission?: number;
  /** Facades: metres from window to window and from floor to floor, and the window's share of each. */
  windows?: { bayM: number; storeyM: number; widthShare: number; heightShare: number; firstM: number };
}

/** `0xrrggbb` as people write colours (sRGB), made linear. */
export function srgb(hex: number): Rgb {
  return [linear((hex >> 16) & 255), linear((hex >> 8) & 255), linear(hex & 255)];
}

function linear(byte: number): number {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** A list of materials to which meshes refer by index. */
export class MaterialList {
  readonly #materials: Material[] = [];

  add(material: Material): number {
    return this.#materials.push(material) - 1;
  }

  matte(hex: number): number {
    return this.add({ surface: Surface.Matte, colour: srgb(hex) });
  }

  of(surface: Surface, hex: number): number {
    return this.add({ surface, colour: srgb(hex) });
  }

  get all(): readonly Material[] {
    return this.#materials;
  }
}
