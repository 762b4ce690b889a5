/**
 * Entry of a process with an embedded RTSP server that notes when each frame leaves it: its clock is the machine's, as
 * the browser's is. Publishes until its parent lets go of it.
 */
import { messageOf } from '@lanecast/server/core/errors';
import { findFfmpeg } from '@lanecast/scripts/publish/ffmpeg-binary';
import { publishClip } from '@lanecast/scripts/publish/publish-clip';
import { Reaper } from '@lanecast/scripts/publish/reaper';
import { RtspServer } from '@lanecast/scripts/rtsp-server/server';

/** What the parent asks. */
export type SourceOrder =
  { kind: 'start'; clips: readonly string[]; frameCounts: readonly number[] } | { kind: 'stamps' };

/** Exactly one answer to each order. */
export type SourceMessage =
  | { kind: 'ready'; urls: string[]; publisher: string }
  | { kind: 'failed'; message: string }
  | { kind: 'stamps'; streams: Stamps[] };

/** When frame n of the clip left, each time that the clip came round, in milliseconds since 1970. */
export type Stamps = number[][];

/** Sight of a few minutes is enough: a clip lasts ten seconds. */
const KEPT_LOOPS = 30;

const stamps: Stamps[] = [];
let close: () => Promise<void> = () => Promise.resolve();
const answer = (message: SourceMessage): void => void process.send?.(message);

async function start(clips: readonly string[], frameCounts: readonly number[]): Promise<void> {
  const reaper = new Reaper();
  const server = await RtspServer.listen({ port: 0 });
  const { binary: ffmpeg, description } = await findFfmpeg(process.env);
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const urls = clips.map((_, i) => server.url(`stream${i}`));
  urls.forEach((_, i) => server.setFilter(`stream${i}`, stampFrames(i, frameCounts[i]!)));
  const publishers = clips.map((clip, i) => publishClip({ clip, url: urls[i]!, ffmpeg, reaper, log }));
  close = async () => {
    await Promise.all(publishers.map((publisher) => publisher.close()));
    await server.close();
    reaper.close();
  };
  while (server.paths().filter(({ rtpPackets }) => rtpPackets > 0).length < clips.length)
    await new Promise((resolve) => setTimeout(resolve, 50));
  answer({ kind: 'ready', urls, publisher: ffmpeg === null ? 'in process' : description.split(' from ')[0]! });
}

/** Notes the first packet of each frame: the clips have no B-frames, so that frames leave in the order of their numbers. */
function stampFrames(stream: number, frameCount: number): (packet: Buffer, context: { kind: string }) => Buffer {
  const ofStream: Stamps = Array.from({ length: frameCount }, () => []);
  stamps[stream] = ofStream;
  let frameNo = -1;
  let timestamp: number | null = null;
  return (packet, { kind }) => {
    if (kind !== 'rtp') return packet;
    const now = packet.readUInt32BE(4);
    if (now === timestamp) return packet;
    timestamp = now;
    frameNo = (frameNo + 1) % frameCount;
    const times = ofStream[frameNo]!;
    times.push(performance.timeOrigin + performance.now());
    if (times.length > KEPT_LOOPS) times.shift();
    return packet;
  };
}

process.on('message', (order: SourceOrder) => {
  if (order.kind === 'stamps') {
    answer({ kind: 'stamps', streams: stamps });
    return;
  }
  start(order.clips, order.frameCounts).catch((error: unknown) =>
    answer({ kind: 'failed', message: messageOf(error) }),
  );
});
process.on('disconnect', () => void close().finally(() => process.exit()));
// The parent closes its streams itself when it is interrupted.
process.on('SIGINT', () => undefined);
