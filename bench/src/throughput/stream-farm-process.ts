/** Entry of a process that publishes clips to an embedded RTSP server until its parent lets go of it. */
import { messageOf } from '@lanecast/server/core/errors';
import { type RunningStreams, startStreams } from '@lanecast/scripts/streams/start-streams';

/** What the parent asks. */
export type FarmOrder = { kind: 'start'; count: number; clips: readonly string[] } | { kind: 'usage' };

/** Exactly one answer to each order. */
export type FarmMessage =
  | { kind: 'ready'; urls: string[]; publisher: string }
  | { kind: 'failed'; message: string }
  | { kind: 'usage'; cpuSeconds: number };

let streams: RunningStreams | null = null;

const answer = (message: FarmMessage): void => void process.send?.(message);

async function start(count: number, clips: readonly string[]): Promise<void> {
  try {
    streams = await startStreams({ count, clips, server: 'embedded', log: () => undefined });
    answer({ kind: 'ready', urls: streams.urls, publisher: streams.publisher });
  } catch (error) {
    answer({ kind: 'failed', message: messageOf(error) });
  }
}

process.on('message', (order: FarmOrder) => {
  if (order.kind === 'start') {
    void start(order.count, order.clips);
    return;
  }
  const { user, system } = process.cpuUsage();
  answer({ kind: 'usage', cpuSeconds: (user + system) / 1e6 });
});
process.on('disconnect', () => {
  void (streams?.close() ?? Promise.resolve()).finally(() => process.exit());
});
// The parent closes its streams itself when it is interrupted.
process.on('SIGINT', () => undefined);
