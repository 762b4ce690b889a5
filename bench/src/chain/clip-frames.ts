/** Decodes a clip, every frame, in order. */
import { LanecastError } from '@lanecast/server/core/errors';
import { AVERROR_EAGAIN, AVERROR_EOF, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import * as av from 'node-av/lib';

/**
 * Calls `see` with each frame of a video file, in the order they are shown, and waits for it; the frame is valid until
 * then. Rejects with a LanecastError `clip-unreadable`.
 */
export async function decodeClip(path: string, see: (frame: av.Frame, index: number) => Promise<void>): Promise<void> {
  const check = (result: number, what: string): void => {
    if (result < 0)
      throw new LanecastError('clip-unreadable', `${what} ${path}: ${new av.FFmpegError(result).message}`);
  };
  const input = new av.FormatContext();
  input.allocContext();
  check(await input.openInput(path), 'opening');
  const decoder = new av.CodecContext();
  const packet = new av.Packet();
  const frame = new av.Frame();
  let index = 0;
  const drain = async (): Promise<void> => {
    for (;;) {
      const received = await decoder.receiveFrame(frame);
      if (received === AVERROR_EAGAIN || received === AVERROR_EOF) return;
      check(received, 'decoding');
      await see(frame, index++);
      frame.unref();
    }
  };
  try {
    check(await input.findStreamInfo(), 'looking into');
    const stream = input.streams[input.findBestStream(AVMEDIA_TYPE_VIDEO)];
    const codec = stream && av.Codec.findDecoder(stream.codecpar.codecId);
    if (!codec) throw new LanecastError('clip-unreadable', `${path} has no video that can be decoded`);
    decoder.allocContext3(codec);
    check(decoder.parametersToContext(stream.codecpar), 'preparing the decoder for');
    check(await decoder.open2(codec, null), 'opening the decoder for');
    packet.alloc();
    frame.alloc();
    for (;;) {
      const read = await input.readFrame(packet);
      if (read === AVERROR_EOF) break;
      check(read, 'reading');
      if (packet.streamIndex === stream.index) {
        check(await decoder.sendPacket(packet), 'decoding');
        await drain();
      }
      packet.unref();
    }
    check(await decoder.sendPacket(null), 'ending');
    await drain();
  } finally {
    frame.free();
    packet.free();
    decoder.freeContext();
    await input.closeInput();
  }
}
