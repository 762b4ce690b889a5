/** A clip's access units as a camera would send them. */
import { LanecastError } from '@lanecast/server/core/errors';
import { AVERROR_EOF, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import * as av from 'node-av/lib';

export interface ClipUnit {
  data: Uint8Array;
  isKeyframe: boolean;
}

/** Every access unit of an H.264 file, Annex B with parameter sets in band. Throws a LanecastError `clip-unreadable`. */
export async function readUnits(path: string): Promise<ClipUnit[]> {
  const check = (result: number, what: string): void => {
    if (result < 0)
      throw new LanecastError('clip-unreadable', `${what} ${path}: ${new av.FFmpegError(result).message}`);
  };
  const input = new av.FormatContext();
  input.allocContext();
  check(await input.openInput(path), 'opening');
  const filter = new av.BitStreamFilterContext();
  const packet = new av.Packet();
  const filtered = new av.Packet();
  const units: ClipUnit[] = [];
  try {
    check(await input.findStreamInfo(), 'looking into');
    const stream = input.streams[input.findBestStream(AVMEDIA_TYPE_VIDEO)];
    const toAnnexB = av.BitStreamFilter.getByName('h264_mp4toannexb');
    if (!stream || !toAnnexB) throw new LanecastError('clip-unreadable', `${path} has no H.264 video`);
    check(filter.alloc(toAnnexB), 'preparing');
    const parameters = filter.inputCodecParameters;
    if (parameters) check(stream.codecpar.copy(parameters), 'preparing');
    check(filter.init(), 'preparing');
    packet.alloc();
    filtered.alloc();
    for (;;) {
      const read = await input.readFrame(packet);
      if (read === AVERROR_EOF) break;
      check(read, 'reading');
      if (packet.streamIndex === stream.index) {
        check(await filter.sendPacket(packet), 'reading');
        while ((await filter.receivePacket(filtered)) >= 0) {
          units.push({ data: Uint8Array.from(filtered.data ?? []), isKeyframe: filtered.isKeyframe });
          filtered.unref();
        }
      }
      packet.unref();
    }
    return units;
  } finally {
    filtered.free();
    packet.free();
    filter.free();
    await input.closeInput();
  }
}
