/** The little of SDP (RFC 8866) that a relay needs: which tracks there are, and their control names. Pure. */
import type { VideoCodec } from './keyframe.js';

export interface SdpTrack {
  /** Position among the media sections. */
  index: number;
  media: string;
  /** null for audio, and for video in which no keyframes are looked for. */
  codec: VideoCodec | null;
  /** The publisher's own control attribute; empty when it gave none. */
  control: string;
}

export interface PublishedSdp {
  tracks: SdpTrack[];
  /** What readers get: the publisher's description with the control of track n replaced by `trackID=n`. */
  text: string;
}

/** The tracks of an announced description; none when it has no media sections. */
export function parsePublishedSdp(sdp: string): PublishedSdp {
  const [session = [], ...sections] = splitSections(sdp);
  const kept = session.filter((line) => !line.startsWith('a=control:'));
  const text = [...kept, 'a=control:*'];
  const tracks = sections.map((lines, index): SdpTrack => {
    text.push(...lines.filter((line) => !line.startsWith('a=control:')), `a=control:trackID=${index}`);
    return {
      index,
      media: /^m=(\w+)/.exec(lines[0] ?? '')?.[1] ?? '',
      codec: codecOf(lines),
      control: lines.find((line) => line.startsWith('a=control:'))?.slice('a=control:'.length) ?? '',
    };
  });
  return { tracks, text: `${text.join('\r\n')}\r\n` };
}

/** The session's lines, then the lines of each media section. */
function splitSections(sdp: string): string[][] {
  const sections: string[][] = [[]];
  for (const line of sdp.split(/\r?\n/)) {
    if (line === '') continue;
    if (line.startsWith('m=')) sections.push([]);
    sections.at(-1)!.push(line);
  }
  return sections;
}

function codecOf(lines: string[]): VideoCodec | null {
  const encoding = lines.map((line) => /^a=rtpmap:\d+ ([^/]+)\//.exec(line)?.[1]).find((name) => name !== undefined);
  if (encoding === undefined) return null;
  const codecs: Record<string, VideoCodec> = { h264: 'h264', h265: 'h265', hevc: 'h265' };
  return codecs[encoding.toLowerCase()] ?? null;
}

/** The track that a SETUP names: by its control attribute, by `trackID=n`, or the only one there is. */
export function findTrack(tracks: readonly SdpTrack[], control: string): SdpTrack | undefined {
  if (control === '') return tracks.length === 1 ? tracks[0] : undefined;
  return (
    tracks.find(
      (track) => track.control !== '' && (track.control === control || track.control.endsWith(`/${control}`)),
    ) ?? tracks.find((track) => control === `trackID=${track.index}`)
  );
}
