/** Decodes a clip, every frame, in order. */
import { AVERROR_EAGAIN, AVERROR_EOF } from 'node-av/constants';
import * as av from 'node-av/lib';
import { ClipReader } from './clip-reader.js';

/**
 * Calls `see` with each frame of a video file, in the order they are shown, and waits for it; the frame is valid until
 * then. Rejects with a LanecastError `clip-unreadable`.
 */
export async function decodeClip(path: string, see: (frame: av.Frame, index: number) => Promise<void>): Promise<void> {
  await ClipReader.read(path, async (clip) => {
    const codec = av.Codec.findDecoder(clip.codecParameters.codecId);
    if (!codec) throw clip.unreadable('its video cannot be decoded');
    const decoder = new av.CodecContext();
    const frame = new av.Frame();
    let index = 0;
    const drain = async (): Promise<void> => {
      for (;;) {
        const received = await decoder.receiveFrame(frame);
        if (received === AVERROR_EAGAIN || received === AVERROR_EOF) return;
        clip.check(received, 'decoding');
        await see(frame, index++);
        frame.unref();
      }
    };
    try {
      decoder.allocContext3(codec);
      clip.check(decoder.parametersToContext(clip.codecParameters), 'preparing the decoder');
      clip.check(await decoder.open2(codec, null), 'opening the decoder');
      frame.alloc();
      for await (const packet of clip.packets()) {
        clip.check(await decoder.sendPacket(packet), 'decoding');
        await drain();
      }
      clip.check(await decoder.sendPacket(null), 'decoding the end');
      await drain();
    } finally {
      frame.free();
      decoder.freeContext();
    }
  });
}
