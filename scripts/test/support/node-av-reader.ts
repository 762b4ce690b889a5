/** Reads an RTSP stream with FFmpeg's libraries in this process. */
import * as av from 'node-av/lib';
import { AV_NOPTS_VALUE } from 'node-av/constants';

/** The pts (90 kHz) of `count` video packets in the order they come; a leading packet without one is left out. */
export async function readPts(url: string, count: number, transport: 'tcp' | 'udp'): Promise<number[]> {
  const input = new av.FormatContext();
  input.allocContext();
  const options = av.Dictionary.fromObject({ rtsp_transport: transport, timeout: '5000000' });
  av.FFmpegError.throwIfError(await input.openInput(url, null, options), `opening ${url}`);
  const packet = new av.Packet();
  packet.alloc();
  const pts: number[] = [];
  try {
    while (pts.length < count) {
      av.FFmpegError.throwIfError(await input.readFrame(packet), `reading ${url}`);
      if (packet.pts !== AV_NOPTS_VALUE) pts.push(Number(packet.pts));
      packet.unref();
    }
    return pts;
  } finally {
    packet.free();
    await input.closeInput();
  }
}
