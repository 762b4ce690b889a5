/** Bodies as skins over cross-sections. */
import type { MeshBuilder, Point } from '../geometry/mesh.js';

/** A cross-section at `x`: half of it, from the sill up to the middle of the roof, as [y, z]; the other half mirrors it. */
export interface Section {
  x: number;
  half: readonly (readonly [number, number])[];
}

/**
 * Spans a skin from section to section (all with the same number of points), front to back, and closes both ends.
 * `materialOf(i, j)`: of the strip between sections i and i + 1 and points j and j + 1; -1 leaves it open.
 */
export function loft(
  mesh: MeshBuilder,
  sections: readonly Section[],
  materialOf: (section: number, strip: number) => number,
  ends: { front: number; rear: number },
): void {
  const ring = (section: Section): Point[] => {
    const left = section.half.map(([y, z]): Point => [section.x, y, z]);
    const right = [...section.half].reverse().map(([y, z]): Point => [section.x, -y, z]);
    return [...left, ...right];
  };
  const rings = sections.map(ring);
  const strips = sections[0]!.half.length - 1;
  for (let i = 0; i + 1 < rings.length; i++) {
    const [a, b] = [rings[i]!, rings[i + 1]!];
    for (let k = 0; k + 1 < a.length; k++) {
      const strip = k < strips ? k : k === strips ? strips - 1 : 2 * strips - k;
      const material = materialOf(i, Math.max(0, strip));
      if (material >= 0) mesh.quad(a[k]!, a[k + 1]!, b[k + 1]!, b[k]!, material);
    }
  }
  cap(mesh, rings[0]!, ends.front, true);
  cap(mesh, rings.at(-1)!, ends.rear, false);
}

function cap(mesh: MeshBuilder, ring: readonly Point[], material: number, front: boolean): void {
  for (let k = 0; 2 * k + 2 < ring.length; k++) {
    const [a, b] = [ring[k]!, ring[k + 1]!];
    const [c, d] = [ring[ring.length - 2 - k]!, ring[ring.length - 1 - k]!];
    if (front) mesh.quad(a, d, c, b, material);
    else mesh.quad(a, b, c, d, material);
  }
}
