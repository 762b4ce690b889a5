/** Lorries, articulated lorries and buses. */
import { MeshBuilder, type Mesh } from '../geometry/mesh.js';
import { loft, type Section } from './loft.js';
import { crossPatch, crossPatches, sidePatch, wheel } from './parts.js';
import {
  BRAKE_LIGHT,
  CHASSIS,
  CHROME,
  GLASS,
  HEADLIGHT,
  INDICATOR,
  PAINT,
  PLASTIC,
  PLATE,
  SECOND,
  TAIL_LIGHT,
  THIRD,
} from './slots.js';

/** A cab whose front is at `front`, of `length`; metres. */
function cab(mesh: MeshBuilder, front: number, length: number, width: number, height: number): void {
  const half = width / 2;
  const cut = (x: number, w: number, top: number): Section => ({
    x,
    half: [
      [half * w * 0.97, 0.45],
      [half * w, 1.1],
      [half * w, 1.55],
      [half * w * 0.97, Math.min(2.45, top - 0.1)],
      [half * w * 0.9, top - 0.02],
      [0, top + 0.03],
    ],
  });
  const sections = [
    cut(front, 0.93, height * 0.9),
    cut(front - 0.12, 0.99, height * 0.96),
    cut(front - 0.35, 1, height),
    cut(front - length * 0.62, 1, height),
    cut(front - length, 1, height),
  ];
  loft(mesh, sections, (i, strip) => (strip === 2 && (i === 1 || i === 2) ? GLASS : strip === 0 ? PLASTIC : PAINT), {
    front: PAINT,
    rear: PAINT,
  });
  const x = front + 0.015;
  crossPatch(mesh, x, [-half * 0.86, half * 0.86], [1.52, Math.min(2.4, height * 0.82)], GLASS);
  crossPatch(mesh, x, [-half * 0.7, half * 0.7], [0.85, 1.4], PLASTIC);
  crossPatch(mesh, x + 0.01, [-half * 0.3, half * 0.3], [1.1, 1.18], CHROME);
  crossPatch(mesh, x, [-half * 0.9, half * 0.9], [0.42, 0.75], PLASTIC);
  crossPatches(mesh, x + 0.01, [half * 0.58, half * 0.88], [0.62, 0.82], HEADLIGHT);
  crossPatches(mesh, x + 0.01, [half * 0.8, half * 0.88], [0.86, 0.94], INDICATOR);
  crossPatch(mesh, x + 0.02, [-0.26, 0.26], [0.52, 0.64], PLATE);
  for (const side of [-1, 1]) {
    const y = side * (half + 0.16);
    mesh.box(
      [front - 0.3, Math.min(y, y + side * 0.1), 1.7],
      [front - 0.18, Math.max(y, y + side * 0.1), 2.4],
      PLASTIC,
    );
  }
}

/** A closed box body from `front` back to `rear`, with its door at the rear. */
function cargo(mesh: MeshBuilder, front: number, rear: number, width: number, floor: number, height: number): void {
  const half = width / 2;
  mesh.box([rear, -half, floor], [front, half, height], SECOND);
  const y = half + 0.012;
  for (const side of [-1, 1]) {
    sidePatch(mesh, side * y, [rear, front], [floor, floor + 0.12], CHROME);
    sidePatch(mesh, side * y, [rear, front], [height - 0.09, height], CHROME);
    const middle = floor + (height - floor) * 0.55;
    sidePatch(
      mesh,
      side * y,
      [rear + (front - rear) * 0.25, rear + (front - rear) * 0.78],
      [middle - 0.3, middle + 0.35],
      THIRD,
    );
  }
  const x = rear - 0.012;
  crossPatch(mesh, x, [-0.03, 0.03], [floor, height], CHASSIS);
  crossPatches(mesh, x, [half - 0.1, half], [floor, height], CHROME);
  crossPatch(mesh, x, [-half, half], [height - 0.12, height], CHROME);
}

/** What every lorry has under its load, from `front` back to `rear`. */
function chassis(mesh: MeshBuilder, front: number, rear: number, width: number, floor: number): void {
  mesh.box([rear, -width * 0.32, 0.55], [front, width * 0.32, floor], CHASSIS);
  mesh.box([rear - 0.02, -width * 0.46, 0.45], [rear + 0.12, width * 0.46, 0.62], PLASTIC);
  crossPatches(mesh, rear - 0.03, [width * 0.3, width * 0.45], [0.7, 0.86], TAIL_LIGHT);
  crossPatches(mesh, rear - 0.03, [width * 0.22, width * 0.3], [0.7, 0.86], BRAKE_LIGHT);
  crossPatch(mesh, rear - 0.03, [-0.26, 0.26], [0.68, 0.8], PLATE);
}

function axle(mesh: MeshBuilder, x: number, width: number, radius: number): void {
  for (const side of [-1, 1]) wheel(mesh, x, side * (width / 2 - 0.01), radius, 0.4);
}

export interface BoxTruckShape {
  length: number;
  width: number;
  height: number;
  cabHeight: number;
}

export function boxTruckMesh({ length, width, height, cabHeight }: BoxTruckShape): Mesh {
  const mesh = new MeshBuilder();
  const half = length / 2;
  const floor = 0.95;
  cab(mesh, half, 1.75, width * 0.96, cabHeight);
  chassis(mesh, half - 1.5, -half, width, floor);
  cargo(mesh, half - 1.95, -half, width, floor, height);
  axle(mesh, half - 1.25, width, 0.46);
  axle(mesh, -half + length * 0.22, width, 0.46);
  return mesh.build(35);
}

/** Open lorry with a load of gravel or earth. */
export function tipperMesh({ length, width, height, cabHeight }: BoxTruckShape): Mesh {
  const mesh = new MeshBuilder();
  const half = length / 2;
  cab(mesh, half, 1.9, width * 0.96, cabHeight);
  chassis(mesh, half - 1.5, -half, width, 1);
  const [front, rear] = [half - 2.1, -half];
  mesh.box([rear, -width / 2, 1.05], [front, width / 2, height], SECOND, PLASTIC);
  for (let x = rear + 0.6; x < front; x += 0.9)
    for (const side of [-1, 1]) sidePatch(mesh, side * (width / 2 + 0.02), [x, x + 0.12], [1.05, height], CHASSIS);
  mesh.ellipsoid([(front + rear) / 2, 0, height - 0.1], [(front - rear) * 0.45, width * 0.42, 0.45], CHASSIS, 6, 10);
  axle(mesh, half - 1.3, width, 0.5);
  axle(mesh, -half + 1.3, width, 0.5);
  axle(mesh, -half + 2.6, width, 0.5);
  return mesh.build(35);
}

/** A tractor for a semi-trailer. */
export function tractorMesh(): { mesh: Mesh; length: number } {
  const mesh = new MeshBuilder();
  const length = 6;
  cab(mesh, 3, 2.25, 2.48, 3.55);
  chassis(mesh, 1, -3, 2.5, 1.05);
  axle(mesh, 1.6, 2.5, 0.5);
  axle(mesh, -1.9, 2.5, 0.5);
  return { mesh: mesh.build(35), length };
}

/** A semi-trailer, box or tank. */
export function trailerMesh(length: number, tank: boolean): Mesh {
  const mesh = new MeshBuilder();
  const half = length / 2;
  const width = 2.52;
  chassis(mesh, half - 1, -half, width, 1.15);
  if (tank) {
    mesh.tube([half - 0.3, 0, 2.35], [-half + 0.1, 0, 2.35], 1.2, 1.2, 16, SECOND, CHROME);
    mesh.box([-half + 0.5, -0.35, 3.5], [half - 1, 0.35, 3.62], CHASSIS);
  } else {
    cargo(mesh, half, -half, width, 1.1, 3.95);
    for (const side of [-1, 1]) sidePatch(mesh, side * 1.2, [-half + 4.6, half - 3.4], [0.5, 1.1], CHASSIS);
  }
  for (const x of [-half + 1.4, -half + 2.7, -half + 4]) axle(mesh, x, width, 0.5);
  return mesh.build(35);
}

export interface BusShape {
  length: number;
  width: number;
  height: number;
  /** A coach has higher windows. */
  coach: boolean;
}

export function busMesh({ length, width, height, coach }: BusShape): Mesh {
  const mesh = new MeshBuilder();
  const half = length / 2;
  const sill = coach ? 1.55 : 1.05;
  const windowTop = height - 0.45;
  const cut = (x: number, w: number, top: number): Section => {
    const y = (width / 2) * w;
    return {
      x,
      half: [
        [y * 0.98, 0.34],
        [y, 0.7],
        [y, sill],
        [y * 0.985, windowTop],
        [y * 0.94, top - 0.06],
        [0, top + 0.02],
      ],
    };
  };
  const sections = [cut(half, 0.93, height - 0.12), cut(half - 0.15, 1, height)];
  const glass: boolean[] = [false, true];
  const bays = Math.round((length - 1.4) / 1.45);
  for (let k = 1; k <= bays; k++) {
    const x = half - 0.15 - (k * (length - 1.2)) / bays;
    sections.push(cut(x + 0.09, 1, height), cut(x, 1, height));
    glass.push(false, k < bays);
  }
  sections.push(cut(-half + 0.1, 1, height), cut(-half, 0.95, height - 0.1));
  glass.push(false, false);
  loft(
    mesh,
    sections,
    (i, strip) => {
      if (strip === 2) return glass[i] ? GLASS : i > 0 && i < sections.length - 3 ? PLASTIC : PAINT;
      if (strip === 0) return PLASTIC;
      return PAINT;
    },
    { front: PAINT, rear: PAINT },
  );
  const x = half + 0.015;
  crossPatch(mesh, x, [-width * 0.44, width * 0.44], [sill - 0.1, windowTop - 0.1], GLASS);
  crossPatch(mesh, x, [-width * 0.36, width * 0.36], [windowTop - 0.06, windowTop + 0.22], PLASTIC);
  crossPatch(mesh, x + 0.01, [-width * 0.2, width * 0.2], [windowTop, windowTop + 0.15], INDICATOR);
  crossPatches(mesh, x + 0.01, [width * 0.3, width * 0.43], [0.62, 0.82], HEADLIGHT);
  crossPatch(mesh, x, [-width * 0.45, width * 0.45], [0.35, 0.58], PLASTIC);
  crossPatch(mesh, x + 0.01, [-0.26, 0.26], [0.42, 0.54], PLATE);
  const rear = -half - 0.012;
  crossPatch(mesh, rear, [-width * 0.4, width * 0.4], [sill + 0.35, windowTop], GLASS);
  crossPatch(mesh, rear, [-width * 0.38, width * 0.38], [0.75, 1.25], PLASTIC);
  crossPatches(mesh, rear - 0.01, [width * 0.36, width * 0.45], [0.75, 1.25], TAIL_LIGHT);
  crossPatches(mesh, rear - 0.01, [width * 0.36, width * 0.45], [1.28, 1.45], BRAKE_LIGHT);
  for (const side of [-1, 1]) {
    sidePatch(mesh, side * (width / 2 + 0.012), [-half + 0.3, half - 0.4], [sill - 0.42, sill - 0.16], SECOND);
    const y = side * (width / 2 + 0.2);
    mesh.box([half - 0.1, Math.min(y, y + side * 0.08), 2], [half + 0.12, Math.max(y, y + side * 0.08), 2.5], PLASTIC);
    for (const from of [half - 2.7, -half + length * 0.27])
      wheel(mesh, from, side * (width / 2 + 0.012), 0.48, 0.35, 0.6);
  }
  mesh.box([-1.6, -0.7, height], [0.6, 0.7, height + 0.22], CHROME);
  return mesh.build(35);
}
