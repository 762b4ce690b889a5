/** A pinhole camera without distortion, and the plane homography that belongs to it. */

export interface CameraPlacement {
  /** Metres. */
  position: readonly [number, number, number];
  /** Viewing direction over the ground, counter-clockwise from the x axis. */
  panDeg: number;
  /** Below the horizon. */
  tiltDeg: number;
  /** Horizontal angle of view. */
  fovDeg: number;
}

/** Row-major 3x3. */
export type Homography = readonly [number, number, number, number, number, number, number, number, number];

export class Camera {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly focalPx: number;
  readonly position: readonly [number, number, number];
  /** Unit vectors of the picture: to the right, downwards, into it. */
  readonly right: readonly [number, number, number];
  readonly down: readonly [number, number, number];
  readonly forward: readonly [number, number, number];

  constructor(placement: CameraPlacement, widthPx: number, heightPx: number) {
    const pan = (placement.panDeg * Math.PI) / 180;
    const tilt = (placement.tiltDeg * Math.PI) / 180;
    this.widthPx = widthPx;
    this.heightPx = heightPx;
    this.focalPx = widthPx / 2 / Math.tan((placement.fovDeg * Math.PI) / 360);
    this.position = placement.position;
    this.right = [Math.sin(pan), -Math.cos(pan), 0];
    this.forward = [Math.cos(pan) * Math.cos(tilt), Math.sin(pan) * Math.cos(tilt), -Math.sin(tilt)];
    this.down = [-Math.cos(pan) * Math.sin(tilt), -Math.sin(pan) * Math.sin(tilt), -Math.cos(tilt)];
  }

  /** Pixels from the picture's upper left corner, and the depth in metres (negative: behind). */
  project(x: number, y: number, z: number): [number, number, number] {
    const dx = x - this.position[0];
    const dy = y - this.position[1];
    const dz = z - this.position[2];
    const depth = dx * this.forward[0] + dy * this.forward[1] + dz * this.forward[2];
    const across = dx * this.right[0] + dy * this.right[1] + dz * this.right[2];
    const below = dx * this.down[0] + dy * this.down[1] + dz * this.down[2];
    return [
      this.widthPx / 2 + (this.focalPx * across) / depth,
      this.heightPx / 2 + (this.focalPx * below) / depth,
      depth,
    ];
  }

  /** Ground plane (m) to pixels. */
  groundToImage(): Homography {
    const column = (x: number, y: number, z: number): [number, number, number] => {
      const across = x * this.right[0] + y * this.right[1] + z * this.right[2];
      const below = x * this.down[0] + y * this.down[1] + z * this.down[2];
      const depth = x * this.forward[0] + y * this.forward[1] + z * this.forward[2];
      return [
        this.focalPx * across + (this.widthPx / 2) * depth,
        this.focalPx * below + (this.heightPx / 2) * depth,
        depth,
      ];
    };
    const a = column(1, 0, 0);
    const b = column(0, 1, 0);
    const [px, py, pz] = this.position;
    const c = column(-px, -py, -pz);
    return [a[0], b[0], c[0], a[1], b[1], c[1], a[2], b[2], c[2]];
  }

  /** Pixels to ground plane (m), with its last element 1 in size. Pixels above the horizon give nonsense. */
  imageToGround(): Homography {
    return invert(this.groundToImage());
  }
}

export function applyHomography(h: Homography, x: number, y: number): [number, number] {
  const w = h[6] * x + h[7] * y + h[8];
  return [(h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w];
}

function invert(m: Homography): Homography {
  const [a, b, c, d, e, f, g, h, i] = m;
  const adjugate = [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ] as const;
  const scale = 1 / adjugate[8];
  return adjugate.map((value) => value * scale) as unknown as Homography;
}
