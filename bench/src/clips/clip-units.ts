/** A clip's access units as a camera would send them. */
import * as av from 'node-av/lib';
import { ClipReader } from './clip-reader.js';

export interface ClipUnit {
  data: Uint8Array;
  isKeyframe: boolean;
}

/** Every access unit of an H.264 file, Annex B with parameter sets in band. Rejects with a LanecastError `clip-unreadable`. */
export async function readUnits(path: string): Promise<ClipUnit[]> {
  return ClipReader.read(path, async (clip) => {
    const toAnnexB = av.BitStreamFilter.getByName('h264_mp4toannexb');
    if (!toAnnexB) throw clip.unreadable('this FFmpeg has no h264_mp4toannexb');
    const filter = new av.BitStreamFilterContext();
    const filtered = new av.Packet();
    const units: ClipUnit[] = [];
    try {
      clip.check(filter.alloc(toAnnexB), 'preparing');
      const parameters = filter.inputCodecParameters;
      if (parameters) clip.check(clip.codecParameters.copy(parameters), 'preparing');
      clip.check(filter.init(), 'preparing');
      filtered.alloc();
      for await (const packet of clip.packets()) {
        clip.check(await filter.sendPacket(packet), 'reading');
        while ((await filter.receivePacket(filtered)) >= 0) {
          units.push({ data: Uint8Array.from(filtered.data ?? []), isKeyframe: filtered.isKeyframe });
          filtered.unref();
        }
      }
      return units;
    } finally {
      filtered.free();
      filter.free();
    }
  });
}
