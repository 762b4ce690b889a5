/** Cars and vans: one skin over about a dozen cross-sections, with glass between the pillars. */
import { MeshBuilder, type Mesh } from '../geometry/mesh.js';
import { loft, type Section } from './loft.js';
import { crossPatch, crossPatches, sidePatch, wheel } from './parts.js';
import { BRAKE_LIGHT, CHROME, GLASS, HEADLIGHT, INDICATOR, PAINT, PLASTIC, PLATE, TAIL_LIGHT } from './slots.js';

/** Metres; distances `...At` are measured from the front bumper. */
export interface CarShape {
  length: number;
  width: number;
  height: number;
  clearance: number;
  hood: number;
  belt: number;
  cowlAt: number;
  roofFrontAt: number;
  roofRearAt: number;
  /** Where the rear window meets the body. */
  deckAt: number;
  /** Height there. */
  deck: number;
  /** Rear side windows end here; vans have none behind the driver. */
  glassEndAt: number;
  frontAxleAt: number;
  rearAxleAt: number;
  wheelRadius: number;
  /** How much narrower the roof is than the body, 0..1. */
  tumblehome: number;
  roofRails?: boolean;
  /** The load bed behind the cabin of a pick-up. */
  bed?: boolean;
}

const STRIP = { sill: 0, door: 1, window: 2, rail: 3, roof: 4 } as const;

/** The mesh, with its origin on the ground in the middle of its length. */
export function carMesh(shape: CarShape): Mesh {
  const mesh = new MeshBuilder();
  const half = shape.length / 2;
  const at = (fromFront: number): number => half - fromFront;
  const sections: Section[] = [];
  const kinds: ('hood' | 'windshield' | 'side' | 'pillar' | 'panel' | 'rearWindow' | 'deck')[] = [];
  const add = (
    fromFront: number,
    bodyWidth: number,
    top: number,
    roofWidth: number,
    kind: (typeof kinds)[number],
  ): void => {
    sections.push(section(shape, at(fromFront), bodyWidth, top, roofWidth));
    kinds.push(kind);
  };
  const nose = shape.hood * 0.8;
  const roof = 1 - shape.tumblehome;
  add(0, 0.8, nose * 0.86, 0.72, 'hood');
  add(0.1, 0.92, nose, 0.8, 'hood');
  add(0.45, 0.985, shape.hood * 0.93, 0.86, 'hood');
  add(shape.cowlAt, 1, shape.hood, 0.88, 'windshield');
  const middle = (shape.roofFrontAt + shape.glassEndAt) / 2 + 0.1;
  add(shape.roofFrontAt, 1, shape.height - 0.03, roof, 'side');
  if (shape.glassEndAt - shape.roofFrontAt > 1.3) {
    add(middle - 0.07, 1, shape.height, roof, 'pillar');
    add(middle + 0.07, 1, shape.height, roof, 'side');
  }
  add(shape.glassEndAt, 1, shape.height - 0.01, roof, 'panel');
  if (shape.roofRearAt > shape.glassEndAt + 0.05) add(shape.roofRearAt, 0.99, shape.height - 0.04, roof, 'rearWindow');
  else kinds[kinds.length - 1] = 'rearWindow';
  add(shape.deckAt, 0.98, shape.deck, shape.bed ? 0.92 : 0.86, 'deck');
  if (shape.length - shape.deckAt > 0.25) add(shape.length - 0.12, 0.94, shape.deck - 0.02, 0.84, 'deck');
  add(shape.length, 0.86, Math.min(shape.deck - 0.05, shape.deck * 0.95), 0.78, 'deck');

  loft(
    mesh,
    sections,
    (i, strip) => {
      const kind = kinds[i]!;
      if (strip === STRIP.window) {
        if (kind === 'side' || kind === 'windshield') return GLASS;
        if (kind === 'pillar') return PLASTIC;
        return PAINT;
      }
      if (strip >= STRIP.rail && (kind === 'windshield' || kind === 'rearWindow')) return GLASS;
      if (strip === STRIP.sill) return i === 0 ? PLASTIC : PAINT;
      return PAINT;
    },
    { front: PAINT, rear: PAINT },
  );
  details(mesh, shape, at);
  return mesh.build(38);
}

function section(shape: CarShape, x: number, bodyWidth: number, top: number, roofWidth: number): Section {
  const w = (shape.width / 2) * bodyWidth;
  const belt = Math.min(shape.belt, top - 0.05);
  const rail = (shape.width / 2) * roofWidth;
  return {
    x,
    half: [
      [w * 0.9, shape.clearance],
      [w, shape.clearance + (belt - shape.clearance) * 0.45],
      [w * 0.965, belt],
      [rail, top - 0.045],
      [rail * 0.72, top + 0.005],
      [0, top + 0.03],
    ],
  };
}

function details(mesh: MeshBuilder, shape: CarShape, at: (fromFront: number) => number): void {
  const half = shape.width / 2;
  const nose = shape.hood * 0.8;
  const front = at(-0.012);
  crossPatch(mesh, front, [-half * 0.42, half * 0.42], [nose * 0.5, nose * 0.78], PLASTIC);
  crossPatch(mesh, front, [-half * 0.62, half * 0.62], [shape.clearance, nose * 0.4], PLASTIC);
  crossPatch(mesh, at(-0.02), [-0.26, 0.26], [nose * 0.42, nose * 0.42 + 0.11], PLATE);
  crossPatch(mesh, at(-0.018), [-half * 0.36, half * 0.36], [nose * 0.76, nose * 0.8], CHROME);
  const lampTop = nose * 0.93;
  for (const side of [-1, 1]) {
    mesh.box(
      [at(0.28), Math.min(side * half * 0.5, side * half * 0.86), lampTop - 0.17],
      [at(-0.015), Math.max(side * half * 0.5, side * half * 0.86), lampTop - 0.02],
      HEADLIGHT,
    );
    const tail = shape.bed ? shape.deck * 0.9 : Math.min(shape.deck, shape.belt) * 0.97;
    mesh.box(
      [at(shape.length + 0.015), Math.min(side * half * 0.52, side * half * 0.87), tail - 0.2],
      [at(shape.length - 0.1), Math.max(side * half * 0.52, side * half * 0.87), tail - 0.04],
      TAIL_LIGHT,
    );
    // Mirrors.
    mesh.box(
      [at(shape.cowlAt + 0.42), Math.min(side * half * 0.97, side * (half + 0.17)), shape.belt],
      [at(shape.cowlAt + 0.28), Math.max(side * half * 0.97, side * (half + 0.17)), shape.belt + 0.15],
      PAINT,
    );
    sidePatch(
      mesh,
      side * (half + 0.004),
      [at(shape.rearAxleAt - 0.35), at(shape.frontAxleAt + 0.35)],
      [shape.clearance + 0.05, shape.clearance + 0.13],
      PLASTIC,
    );
    if (shape.roofRails) {
      const y = side * half * (1 - shape.tumblehome) * 0.86;
      mesh.box(
        [at(shape.roofRearAt - 0.1), Math.min(y, y + side * 0.05), shape.height],
        [at(shape.roofFrontAt + 0.2), Math.max(y, y + side * 0.05), shape.height + 0.06],
        CHROME,
      );
    }
    wheel(mesh, at(shape.frontAxleAt), side * (half + 0.012), shape.wheelRadius, 0.22, shape.wheelRadius * 1.2);
    wheel(mesh, at(shape.rearAxleAt), side * (half + 0.012), shape.wheelRadius, 0.22, shape.wheelRadius * 1.2);
  }
  const rear = at(shape.length + 0.012);
  crossPatches(
    mesh,
    at(shape.length + 0.02),
    [half * 0.34, half * 0.52],
    [shape.belt * 0.72, shape.belt * 0.8],
    BRAKE_LIGHT,
  );
  crossPatch(mesh, rear, [-half * 0.8, half * 0.8], [shape.clearance, shape.clearance + 0.22], PLASTIC);
  crossPatch(mesh, at(shape.length + 0.02), [-0.26, 0.26], [shape.belt * 0.62, shape.belt * 0.62 + 0.11], PLATE);
  crossPatches(mesh, rear, [half * 0.8, half * 0.86], [shape.belt * 0.7, shape.belt * 0.76], INDICATOR);
  if (shape.bed) {
    const bedFront = at(shape.deckAt + 0.05);
    mesh.quad(
      [bedFront, -half * 0.82, shape.deck + 0.035],
      [bedFront, half * 0.82, shape.deck + 0.035],
      [at(shape.length - 0.12), half * 0.8, shape.deck + 0.03],
      [at(shape.length - 0.12), -half * 0.8, shape.deck + 0.03],
      PLASTIC,
    );
  }
}
