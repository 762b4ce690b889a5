/** Triangle meshes: flat lists, three corners a triangle, with a material for each triangle. */

export type Point = readonly [number, number, number];

/** `positions` and `normals`: nine numbers a triangle; `materials`: one. */
export interface Mesh {
  count: number;
  positions: Float32Array;
  normals: Float32Array;
  materials: Uint16Array;
}

/** Collects triangles. Metres; x forward or east, y left or north, z up. */
export class MeshBuilder {
  readonly #positions: number[] = [];
  readonly #materials: number[] = [];

  triangle(a: Point, b: Point, c: Point, material: number): this {
    this.#positions.push(...a, ...b, ...c);
    this.#materials.push(material);
    return this;
  }

  /** Corners in order around the quad. */
  quad(a: Point, b: Point, c: Point, d: Point, material: number): this {
    return this.triangle(a, b, c, material).triangle(a, c, d, material);
  }

  /** Axis-aligned; `top` is the material of its upper face if that differs. */
  box(low: Point, high: Point, material: number, top = material): this {
    const [x0, y0, z0] = low;
    const [x1, y1, z1] = high;
    this.quad([x0, y0, z1], [x1, y0, z1], [x1, y1, z1], [x0, y1, z1], top);
    this.quad([x0, y1, z0], [x1, y1, z0], [x1, y0, z0], [x0, y0, z0], material);
    this.quad([x0, y0, z0], [x1, y0, z0], [x1, y0, z1], [x0, y0, z1], material);
    this.quad([x1, y1, z0], [x0, y1, z0], [x0, y1, z1], [x1, y1, z1], material);
    this.quad([x0, y1, z0], [x0, y0, z0], [x0, y0, z1], [x0, y1, z1], material);
    return this.quad([x1, y0, z0], [x1, y1, z0], [x1, y1, z1], [x1, y0, z1], material);
  }

  /** A box of any heading: `length` along `headingRad`, `width` across, its foot's centre at `foot`. */
  turnedBox(foot: Point, size: Point, headingRad: number, material: number, top = material): this {
    const mesh = new MeshBuilder().box(
      [-size[0] / 2, -size[1] / 2, 0],
      [size[0] / 2, size[1] / 2, size[2]],
      material,
      top,
    );
    return this.append(mesh, foot, headingRad);
  }

  /** A closed frustum from `from` to `to`, with `sides` sides. */
  tube(from: Point, to: Point, radiusFrom: number, radiusTo: number, sides: number, side: number, caps = side): this {
    const axis = unit(subtract(to, from));
    const across = unit(cross(axis, Math.abs(axis[2]) < 0.9 ? [0, 0, 1] : [1, 0, 0]));
    const up = cross(across, axis);
    const at = (centre: Point, radius: number, k: number): Point => {
      const angle = (2 * Math.PI * k) / sides;
      const c = radius * Math.cos(angle);
      const s = radius * Math.sin(angle);
      return [
        centre[0] + c * across[0] + s * up[0],
        centre[1] + c * across[1] + s * up[1],
        centre[2] + c * across[2] + s * up[2],
      ];
    };
    for (let k = 0; k < sides; k++) {
      const [a, b] = [at(from, radiusFrom, k), at(from, radiusFrom, k + 1)];
      const [c, d] = [at(to, radiusTo, k + 1), at(to, radiusTo, k)];
      this.quad(a, b, c, d, side).triangle(from, b, a, caps).triangle(to, d, c, caps);
    }
    return this;
  }

  /** An ellipsoid of `rings` x `sides` facets. */
  ellipsoid(centre: Point, radii: Point, material: number, rings = 5, sides = 8): this {
    const at = (i: number, k: number): Point => {
      const polar = (Math.PI * i) / rings;
      const angle = (2 * Math.PI * k) / sides;
      return [
        centre[0] + radii[0] * Math.sin(polar) * Math.cos(angle),
        centre[1] + radii[1] * Math.sin(polar) * Math.sin(angle),
        centre[2] + radii[2] * Math.cos(polar),
      ];
    };
    for (let i = 0; i < rings; i++)
      for (let k = 0; k < sides; k++) this.quad(at(i, k), at(i + 1, k), at(i + 1, k + 1), at(i, k + 1), material);
    return this;
  }

  /** Copies another builder's triangles: turned about z by `headingRad`, then moved to `at`. */
  append(other: MeshBuilder, at: Point = [0, 0, 0], headingRad = 0): this {
    const c = Math.cos(headingRad);
    const s = Math.sin(headingRad);
    const from = other.#positions;
    for (let i = 0; i < from.length; i += 3) {
      const x = from[i]!;
      const y = from[i + 1]!;
      this.#positions.push(at[0] + c * x - s * y, at[1] + s * x + c * y, at[2] + from[i + 2]!);
    }
    for (const material of other.#materials) this.#materials.push(material);
    return this;
  }

  get count(): number {
    return this.#materials.length;
  }

  /** Normals are shared by faces that meet at less than `creaseDegrees`, so that they look round; 0 keeps every face flat. */
  build(creaseDegrees = 0): Mesh {
    const positions = Float32Array.from(this.#positions);
    const count = this.#materials.length;
    const faces = faceNormals(positions, count);
    const normals = new Float32Array(9 * count);
    for (let t = 0; t < count; t++)
      for (let k = 0; k < 3; k++) normals.set(faces.subarray(3 * t, 3 * t + 3), 9 * t + 3 * k);
    if (creaseDegrees > 0) smooth(positions, faces, normals, count, Math.cos((creaseDegrees * Math.PI) / 180));
    return { count, positions, normals, materials: Uint16Array.from(this.#materials) };
  }
}

function faceNormals(positions: Float32Array, count: number): Float32Array {
  const faces = new Float32Array(3 * count);
  for (let t = 0; t < count; t++) {
    const corner = (k: number): Point => [
      positions[9 * t + 3 * k]!,
      positions[9 * t + 3 * k + 1]!,
      positions[9 * t + 3 * k + 2]!,
    ];
    const [a, b, c] = [corner(0), corner(1), corner(2)];
    const normal = cross(subtract(b, a), subtract(c, a));
    const length = Math.hypot(...normal);
    if (length > 1e-12) faces.set([normal[0] / length, normal[1] / length, normal[2] / length], 3 * t);
    else faces.set([0, 0, 1], 3 * t);
  }
  return faces;
}

function smooth(
  positions: Float32Array,
  faces: Float32Array,
  normals: Float32Array,
  count: number,
  cosine: number,
): void {
  const corners = new Map<string, number[]>();
  const keyAt = (at: number): string =>
    `${Math.round(positions[at]! * 1000)},${Math.round(positions[at + 1]! * 1000)},${Math.round(positions[at + 2]! * 1000)}`;
  for (let t = 0; t < count; t++) {
    for (let k = 0; k < 3; k++) {
      const key = keyAt(9 * t + 3 * k);
      const list = corners.get(key);
      if (list) list.push(t);
      else corners.set(key, [t]);
    }
  }
  for (let t = 0; t < count; t++) {
    for (let k = 0; k < 3; k++) {
      const at = 9 * t + 3 * k;
      let [x, y, z] = [0, 0, 0];
      for (const other of corners.get(keyAt(at))!) {
        const dot =
          faces[3 * t]! * faces[3 * other]! +
          faces[3 * t + 1]! * faces[3 * other + 1]! +
          faces[3 * t + 2]! * faces[3 * other + 2]!;
        if (dot < cosine) continue;
        x += faces[3 * other]!;
        y += faces[3 * other + 1]!;
        z += faces[3 * other + 2]!;
      }
      const length = Math.hypot(x, y, z);
      if (length > 1e-6) normals.set([x / length, y / length, z / length], at);
    }
  }
}

export const subtract = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const cross = (a: Point, b: Point): Point => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
export const unit = (a: Point): Point => {
  const length = Math.hypot(...a);
  return [a[0] / length, a[1] / length, a[2] / length];
};
