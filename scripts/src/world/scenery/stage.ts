/** Builds what stands still: roads with their markings, kerbs, barriers, houses, trees, posts. */
import { MeshBuilder, type Point } from '../geometry/mesh.js';
import { Path } from '../geometry/path.js';
import { MaterialList, Surface, srgb } from '../render/materials.js';
import type { Lamp } from '../render/shader.js';

type Ground = readonly [number, number];

export class Stage {
  readonly materials = new MaterialList();
  readonly ground = new MeshBuilder();
  readonly solids = new MeshBuilder();
  readonly lamps: Lamp[] = [];
  readonly asphalt = this.materials.of(Surface.Asphalt, 0x626366);
  readonly darkAsphalt = this.materials.of(Surface.Asphalt, 0x5a5b5f);
  readonly white = this.materials.of(Surface.Marking, 0xe2e3e0);
  readonly yellow = this.materials.of(Surface.Marking, 0xd8ab3a);
  readonly grass = this.materials.of(Surface.Grass, 0x55633c);
  readonly paving = this.materials.of(Surface.Concrete, 0x8f8a82);
  readonly kerb = this.materials.of(Surface.Concrete, 0xa9a69f);
  readonly steel = this.materials.matte(0x8d9296);
  readonly dark = this.materials.matte(0x33363a);
  readonly concrete = this.materials.of(Surface.Concrete, 0xa8a59f);
  readonly trunk = this.materials.matte(0x4b3b2c);
  readonly signBlue = this.materials.matte(0x1d4f9c);
  readonly signWhite = this.materials.matte(0xe6e6e6);
  readonly lampHead = this.materials.add({ surface: Surface.Light, colour: srgb(0xffd9a0), emission: 1 });
  readonly #leaves = [0x4a6327, 0x3d5723, 0x5a6b2c, 0x6a7a35].map((hex) => this.materials.of(Surface.Foliage, hex));

  constructor(readonly random: () => number) {
    this.polygon(
      [
        [-1500, -1500],
        [1500, -1500],
        [1500, 1500],
        [-1500, 1500],
      ],
      this.grass,
    );
  }

  /** A convex polygon on the ground. */
  polygon(corners: readonly Ground[], material: number): void {
    const at = ([x, y]: Ground): Point => [x, y, 0];
    for (let k = 2; k < corners.length; k++)
      this.ground.triangle(at(corners[0]!), at(corners[k - 1]!), at(corners[k]!), material);
  }

  disc(x: number, y: number, radius: number, material: number): void {
    this.polygon(Path.arcPoints([x, y], radius, 0, 2 * Math.PI), material);
  }

  /** A band along a path, from `left0` to `left1` metres to its left, over part of its length. */
  band(path: Path, left0: number, left1: number, material: number, fromM = 0, toM = path.lengthM): void {
    const points: { x: number; y: number; headingRad: number }[] = [];
    const steps = Math.max(1, Math.ceil((toM - fromM) / 2.5));
    for (let k = 0; k <= steps; k++) points.push(smoothPose(path, fromM + ((toM - fromM) * k) / steps));
    const side = (pose: (typeof points)[number], left: number): Ground => [
      pose.x - left * Math.sin(pose.headingRad),
      pose.y + left * Math.cos(pose.headingRad),
    ];
    for (let k = 0; k + 1 < points.length; k++) {
      const [a, b] = [points[k]!, points[k + 1]!];
      this.polygon([side(a, left0), side(b, left0), side(b, left1), side(a, left1)], material);
    }
  }

  line(path: Path, left: number, widthM = 0.15, material = this.white, fromM = 0, toM = path.lengthM): void {
    this.band(path, left - widthM / 2, left + widthM / 2, material, fromM, toM);
  }

  dashes(path: Path, left: number, dashM: number, gapM: number, widthM = 0.15, fromM = 0, toM = path.lengthM): void {
    for (let at = fromM; at + dashM <= toM; at += dashM + gapM)
      this.line(path, left, widthM, this.white, at, at + dashM);
  }

  /** A roadway along a path with darker wheel tracks in its lanes (given by the middle of each). */
  road(path: Path, left0: number, left1: number, laneMiddles: readonly number[], material = this.asphalt): void {
    this.band(path, left0, left1, material);
    for (const middle of laneMiddles) {
      for (const track of [-0.85, 0.85]) this.band(path, middle + track - 0.3, middle + track + 0.3, this.darkAsphalt);
    }
  }

  /** A raised kerb beside a road. */
  raisedKerb(path: Path, left: number, fromM = 0, toM = path.lengthM): void {
    this.wall(path, left, 0.22, 0.12, this.kerb, fromM, toM);
  }

  /** A low wall, kerb or concrete barrier along a path. */
  wall(path: Path, left: number, thick: number, height: number, material: number, fromM = 0, toM = path.lengthM): void {
    const steps = Math.max(1, Math.ceil((toM - fromM) / 3));
    for (let k = 0; k < steps; k++) {
      const a = smoothPose(path, fromM + ((toM - fromM) * k) / steps);
      const b = smoothPose(path, fromM + ((toM - fromM) * (k + 1)) / steps);
      const at = (pose: typeof a, l: number, z: number): Point => [
        pose.x - l * Math.sin(pose.headingRad),
        pose.y + l * Math.cos(pose.headingRad),
        z,
      ];
      const [l0, l1] = [left - thick / 2, left + thick / 2];
      this.solids.quad(at(a, l0, height), at(b, l0, height), at(b, l1, height), at(a, l1, height), material);
      this.solids.quad(at(a, l0, 0), at(b, l0, 0), at(b, l0, height), at(a, l0, height), material);
      this.solids.quad(at(a, l1, 0), at(b, l1, 0), at(b, l1, height), at(a, l1, height), material);
    }
  }

  guardRail(path: Path, left: number, fromM = 0, toM = path.lengthM): void {
    const rail = 0.32;
    const steps = Math.max(1, Math.ceil((toM - fromM) / 4));
    for (let k = 0; k < steps; k++) {
      const a = smoothPose(path, fromM + ((toM - fromM) * k) / steps);
      const b = smoothPose(path, fromM + ((toM - fromM) * (k + 1)) / steps);
      const at = (pose: typeof a, z: number): Point => [
        pose.x - left * Math.sin(pose.headingRad),
        pose.y + left * Math.cos(pose.headingRad),
        z,
      ];
      this.solids.quad(at(a, 0.42), at(b, 0.42), at(b, 0.42 + rail), at(a, 0.42 + rail), this.steel);
      this.solids.turnedBox(at(a, 0), [0.12, 0.12, 0.7], a.headingRad, this.dark);
    }
  }

  /** `detail` 0..1: fewer leaves for trees that stand far off. */
  tree(x: number, y: number, height: number, detail = 1): void {
    const { random, solids } = this;
    solids.tube([x, y, 0], [x, y, height * 0.55], 0.14 + height * 0.012, 0.08, 6, this.trunk);
    const crown = height * (0.26 + 0.08 * random());
    const leaf = this.#leaves[Math.floor(random() * this.#leaves.length)]!;
    const blobs = Math.round((4 + random() * 3) * (0.4 + 0.6 * detail));
    for (let k = 0; k < blobs; k++) {
      const angle = random() * 2 * Math.PI;
      const off = k === 0 ? 0 : crown * (0.35 + 0.35 * random());
      this.#foliage(
        [x + off * Math.cos(angle), y + off * Math.sin(angle), height - crown * (0.75 + 0.85 * random())],
        crown * (0.62 + 0.3 * random()),
        leaf,
        Math.round(70 * detail),
      );
    }
  }

  bush(x: number, y: number, radius: number): void {
    const leaf = this.#leaves[Math.floor(this.random() * this.#leaves.length)]!;
    this.#foliage([x, y, radius * 0.7], radius, leaf, 40);
  }

  /** A ball of leaves: a closed core, and tufts that break its outline. */
  #foliage(centre: Point, radius: number, material: number, tufts: number): void {
    const { random, solids } = this;
    solids.ellipsoid(centre, [radius * 0.82, radius * 0.82, radius * 0.74], material, 4, 6);
    for (let k = 0; k < tufts; k++) {
      const z = 2 * random() - 1;
      const angle = random() * 2 * Math.PI;
      const flat = Math.sqrt(1 - z * z);
      const reach = radius * (0.78 + 0.3 * random());
      const at: Point = [
        centre[0] + reach * flat * Math.cos(angle),
        centre[1] + reach * flat * Math.sin(angle),
        Math.max(0.1, centre[2] + reach * z * 0.9),
      ];
      const size = radius * (0.12 + 0.13 * random());
      const corner = (): Point => [
        at[0] + size * (2 * random() - 1),
        at[1] + size * (2 * random() - 1),
        at[2] + size * (2 * random() - 1),
      ];
      solids.triangle(corner(), corner(), corner(), material);
    }
  }

  /** A line of trees and bushes along a path. */
  treeRow(path: Path, left: number, spacingM: number, height: number, fromM = 0, toM = path.lengthM): void {
    for (let at = fromM; at < toM; at += spacingM * (0.7 + 0.6 * this.random())) {
      const pose = path.at(at);
      const l = left + 3 * (this.random() - 0.5);
      const x = pose.x - l * Math.sin(pose.headingRad);
      const y = pose.y + l * Math.cos(pose.headingRad);
      if (this.random() < 0.7)
        this.tree(x, y, height * (0.75 + 0.5 * this.random()), at < 150 && Math.abs(left) < 30 ? 1 : 0.3);
      else this.bush(x, y, 0.8 + this.random());
    }
  }

  /** A house or block with windows; `roof` pitched or flat. Foot's centre at (x, y), `along` x `across` wide. */
  building(
    x: number,
    y: number,
    along: number,
    across: number,
    height: number,
    headingRad: number,
    hex: number,
    pitched = false,
  ): void {
    const { random } = this;
    const facade = this.materials.add({
      surface: Surface.Facade,
      colour: srgb(hex),
      windows: {
        bayM: 2.2 + random() * 1.4,
        storeyM: 2.9 + random() * 0.5,
        widthShare: 0.42 + 0.3 * random(),
        heightShare: 0.5 + 0.12 * random(),
        firstM: pitched ? 0.4 : 0.6 + random() * 3,
      },
    });
    const roof = this.materials.of(Surface.Concrete, pitched ? (random() < 0.6 ? 0x8a4a38 : 0x50545a) : 0x6f7072);
    const mesh = new MeshBuilder();
    mesh.box([-along / 2, -across / 2, 0], [along / 2, across / 2, height], facade, roof);
    if (pitched) {
      const ridge = height + across * 0.36;
      const [a, b] = [along / 2 + 0.4, across / 2 + 0.5];
      mesh.quad([-a, -b, height - 0.2], [a, -b, height - 0.2], [a, 0, ridge], [-a, 0, ridge], roof);
      mesh.quad([-a, b, height - 0.2], [a, b, height - 0.2], [a, 0, ridge], [-a, 0, ridge], roof);
      for (const end of [-along / 2, along / 2])
        mesh.triangle([end, -across / 2, height], [end, across / 2, height], [end, 0, ridge], facade);
    } else {
      mesh.box([-along / 2, -across / 2, height], [along / 2, -across / 2 + 0.3, height + 0.6], facade);
      mesh.box([-along / 2, across / 2 - 0.3, height], [along / 2, across / 2, height + 0.6], facade);
      mesh.box([-along * 0.2, -across * 0.2, height], [along * 0.1, across * 0.15, height + 1.8], this.steel);
    }
    this.solids.append(mesh, [x, y, 0], headingRad);
  }

  /** A lamp post whose arm reaches `armM` in the direction of `headingRad`. */
  lampPost(x: number, y: number, height: number, headingRad: number, armM = 2, intensity = 46): void {
    const { solids } = this;
    solids.tube([x, y, 0], [x, y, height], 0.1, 0.06, 6, this.steel);
    const tip: Point = [x + armM * Math.cos(headingRad), y + armM * Math.sin(headingRad), height + 0.15];
    solids.tube([x, y, height - 0.1], tip, 0.05, 0.04, 5, this.steel);
    solids.turnedBox([tip[0], tip[1], tip[2] - 0.1], [0.7, 0.28, 0.12], headingRad, this.lampHead);
    this.lamps.push({ position: [tip[0], tip[1], tip[2] - 0.25], intensity });
  }

  /** A traffic light on a post, facing against `headingRad`. */
  signal(x: number, y: number, headingRad: number): void {
    this.solids.tube([x, y, 0], [x, y, 2.6], 0.07, 0.06, 6, this.dark);
    this.solids.turnedBox([x, y, 2.5], [0.25, 0.36, 1.05], headingRad, this.dark);
  }

  sign(x: number, y: number, headingRad: number, width = 0.8, height = 0.8, foot = 2, material = this.signBlue): void {
    this.solids.tube([x, y, 0], [x, y, foot + height], 0.05, 0.05, 5, this.steel);
    this.solids.turnedBox([x, y, foot], [0.06, width, height], headingRad, material);
  }

  /** A gantry over the road, across `path` at `atM`. */
  gantry(path: Path, atM: number, left0: number, left1: number, height: number): void {
    const pose = path.at(atM);
    const at = (left: number, z: number): Point => [
      pose.x - left * Math.sin(pose.headingRad),
      pose.y + left * Math.cos(pose.headingRad),
      z,
    ];
    for (const left of [left0, left1]) this.solids.tube(at(left, 0), at(left, height + 1), 0.22, 0.2, 8, this.steel);
    for (const z of [height, height + 1]) this.solids.tube(at(left0, z), at(left1, z), 0.12, 0.12, 6, this.steel);
    const middle = (left0 + left1) / 2;
    for (const left of [middle - 4.6, middle + 0.8]) {
      const [x, y] = at(left + 1.8, 0);
      this.solids.turnedBox([x, y, height - 0.4], [0.15, 4.2, 2.4], pose.headingRad, this.signBlue);
      for (const [z, width] of [
        [1.45, 2.2],
        [0.85, 3.2],
        [0.25, 2.7],
      ] as const)
        this.solids.turnedBox([x, y, height - 0.4 + z], [0.19, width, 0.3], pose.headingRad, this.signWhite);
    }
  }

  /** A road bridge over the road, across `path` at `atM`. */
  bridge(path: Path, atM: number, left0: number, left1: number, clearance: number, depthM = 9): void {
    const pose = path.at(atM);
    const mesh = new MeshBuilder();
    const [a, b] = [-left1, -left0];
    mesh.box([-depthM / 2, -b, clearance], [depthM / 2, -a, clearance + 1.3], this.concrete);
    for (const x of [-depthM / 2, depthM / 2 - 0.15])
      mesh.box([x, -b, clearance + 1.3], [x + 0.15, -a, clearance + 2.2], this.steel);
    for (const left of [left0 + 3, left1 - 3, (left0 + left1) / 2])
      mesh.box([-1.2, left - 0.5, 0], [1.2, left + 0.5, clearance], this.concrete);
    this.solids.append(mesh, [pose.x, pose.y, 0], pose.headingRad);
  }
}

/** The heading blended between the segments, so that bands have no gaps in bends. */
function smoothPose(path: Path, at: number): { x: number; y: number; headingRad: number } {
  const here = path.at(Math.min(Math.max(at, 0), path.lengthM));
  const before = path.at(Math.max(0, at - 0.4));
  const after = path.at(Math.min(path.lengthM, at + 0.4));
  return { ...here, headingRad: Math.atan2(after.y - before.y, after.x - before.x) };
}
