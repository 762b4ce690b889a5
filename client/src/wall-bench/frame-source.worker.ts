/** Makes the frames of the bench's videos, away from the main thread: I420 as a decoder gives, with something that moves. */

export interface SourceRequest {
  writable: WritableStream<VideoFrame>;
  width: number;
  height: number;
  fps: number;
  seed: number;
}

/** Pictures made beforehand, shown in turn. */
const PICTURES = 25;

function picture(width: number, height: number, seed: number, number: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array((width * height * 3) / 2);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) bytes[y * width + x] = 60 + ((x * 7 + y * 3 + ((x ^ y) & 31) * seed) & 63);
  const left = Math.floor((number / PICTURES) * (width - 80));
  for (let y = height >> 1; y < (height >> 1) + 50; y++) bytes.fill(220, y * width + left, y * width + left + 80);
  bytes.fill(110 + seed * 6, width * height, (width * height * 5) / 4);
  bytes.fill(140, (width * height * 5) / 4);
  return bytes;
}

self.onmessage = ({ data }: MessageEvent<SourceRequest>) => {
  const { writable, width, height, fps, seed } = data;
  const writer = writable.getWriter();
  const pictures = Array.from({ length: PICTURES }, (_, i) => picture(width, height, seed, i));
  const startMs = performance.now();
  let number = 0;
  const colorSpace = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: false } as const;
  setInterval(() => {
    // As many as are due: timers come late on a busy machine, cameras do not.
    while (number <= ((performance.now() - startMs) / 1000) * fps) {
      const timestamp = Math.round((number * 1e6) / fps);
      const init = { format: 'I420', codedWidth: width, codedHeight: height, timestamp, colorSpace } as const;
      void writer.write(new VideoFrame(pictures[number++ % PICTURES]!, init));
    }
    self.postMessage(number);
  }, 1000 / fps);
};
