/**
 * One model of `GET /api/models`: the weights of the server's own detector with the `rgb` head (float32 `[1,3,H,W]`,
 * 0..1, in; float32 `[1,6,N]` out: centre x, centre y, width, height in model-input pixels, score, class index).
 */
export interface ModelEntry {
  /** Name from the model's metadata. */
  name: string;
  /** `/models/<sha256>.onnx`: what is there never changes. */
  url: string;
  /** Of the file, lower-case hex. */
  sha256: string;
  bytes: number;
  /** Model-input size, pixels. */
  width: number;
  height: number;
  /** `fp16` needs a WebGPU adapter with `shader-f16`. */
  precision: 'fp32' | 'fp16';
  head: 'rgb';
  /** What the class index of a row points into. */
  classes: readonly string[];
  /** From which score on the model's makers would believe a box; null if they do not say. */
  confidentScore: number | null;
  /** The one whose size is that of the server's own detector; one entry of the list is it. */
  isDefault: boolean;
}
