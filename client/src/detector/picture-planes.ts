/** Where one channel of a picture lies in memory. */
export interface Plane {
  offset: number;
  /** Bytes from row to row, and from sample to sample. */
  stride: number;
  step: number;
  width: number;
  height: number;
}

/** A picture's channels: luma and two at half the size (4:2:0), or red, green and blue. */
export interface PlanarPicture {
  data: Uint8Array;
  colour: 'yuv' | 'rgb';
  planes: readonly [Plane, Plane, Plane];
}

/** How luma and chroma make red, green and blue, for 8-bit samples: `rgb = luma * (Y - black) + cb * (Cb-128) + cr * (Cr-128)`, 0..1. */
export interface YuvMatrix {
  black: number;
  luma: number;
  cb: readonly [number, number, number];
  cr: readonly [number, number, number];
}

/** Luma weights of red and blue: ITU-R BT.709-6 (3.2), BT.601-7 (2.5.1). */
const LUMA_WEIGHTS = { bt709: [0.2126, 0.0722], bt601: [0.299, 0.114] } as const;

/** BT.601 where the frame says so, else BT.709; limited range unless the frame says that it is full. */
export function yuvMatrix(colourSpace: { matrix: string | null; fullRange: boolean | null }): YuvMatrix {
  const is601 = colourSpace.matrix === 'smpte170m' || colourSpace.matrix === 'bt470bg';
  const [red, blue] = LUMA_WEIGHTS[is601 ? 'bt601' : 'bt709'];
  const green = 1 - red - blue;
  const full = colourSpace.fullRange === true;
  const chroma = full ? 255 : 224;
  return {
    black: full ? 0 : 16,
    luma: 1 / (full ? 255 : 219),
    cb: [0, (-2 * blue * (1 - blue)) / green / chroma, (2 * (1 - blue)) / chroma],
    cr: [(2 * (1 - red)) / chroma, (-2 * red * (1 - red)) / green / chroma, 0],
  };
}

/** The layouts of `VideoFrame.copyTo` that can be read as they are. */
export function planarPicture(
  format: string | null,
  data: Uint8Array,
  layout: readonly { offset: number; stride: number }[],
  width: number,
  height: number,
): PlanarPicture | null {
  const halfWidth = Math.ceil(width / 2);
  const halfHeight = Math.ceil(height / 2);
  const chroma = (index: number, step: number, byte: number): Plane => ({
    offset: layout[index]!.offset + byte,
    stride: layout[index]!.stride,
    step,
    width: halfWidth,
    height: halfHeight,
  });
  const packed = (byte: number): Plane => ({ ...layout[0]!, offset: layout[0]!.offset + byte, step: 4, width, height });
  const luma = (): Plane => ({ ...layout[0]!, step: 1, width, height });
  switch (format) {
    case 'I420':
    case 'I420A':
      return { data, colour: 'yuv', planes: [luma(), chroma(1, 1, 0), chroma(2, 1, 0)] };
    case 'NV12':
      return { data, colour: 'yuv', planes: [luma(), chroma(1, 2, 0), chroma(1, 2, 1)] };
    case 'RGBA':
    case 'RGBX':
      return { data, colour: 'rgb', planes: [packed(0), packed(1), packed(2)] };
    case 'BGRA':
    case 'BGRX':
      return { data, colour: 'rgb', planes: [packed(2), packed(1), packed(0)] };
    default:
      return null;
  }
}
