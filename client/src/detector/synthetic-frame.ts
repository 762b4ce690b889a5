/** A moving picture of stripes and blocks, as a decoder would hand it out (I420, BT.709): for warm-ups and benchmarks. */
export function syntheticFrame(width: number, height: number, index: number): VideoFrame {
  const luma = width * height;
  const data = new Uint8Array((luma * 3) / 2).fill(128, luma);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      data[y * width + x] = 40 + (((x + 7 * index) & 31) << 2) + ((y & 15) << 2) + ((x ^ y) & 8);
  return new VideoFrame(data, {
    format: 'I420',
    codedWidth: width,
    codedHeight: height,
    timestamp: index * 40_000,
    colorSpace: { matrix: 'bt709', primaries: 'bt709', transfer: 'bt709', fullRange: false },
  });
}
