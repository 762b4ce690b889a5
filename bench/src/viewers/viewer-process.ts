/** Entry of a process of light viewers: what they cost is not the server's. */
import { Receiver } from './receiver.js';

export type ViewersOrder =
  /** So many viewers from now on; the oldest leave first. */
  { kind: 'watch'; url: string; count: number } | { kind: 'counts' };

export interface ViewerCounts {
  connected: boolean;
  ended: string | null;
  packets: number;
  missing: number;
  bytes: number;
  tracks: number;
  /** Streams of which packets came. */
  streams: number;
}

/** Exactly one answer to each order. */
export interface ViewersMessage {
  viewers: ViewerCounts[];
}

const receivers: Receiver[] = [];

function counts(receiver: Receiver): ViewerCounts {
  const { connected, ended, bytes, tracks } = receiver;
  const streams = [...receiver.streams.values()];
  return {
    connected,
    ended,
    packets: streams.reduce((sum, { packets }) => sum + packets, 0),
    missing: streams.reduce((sum, { missing }) => sum + missing, 0),
    bytes,
    tracks,
    streams: streams.filter(({ packets }) => packets > 0).length,
  };
}

process.on('message', (order: ViewersOrder) => {
  if (order.kind === 'watch') {
    while (receivers.length > order.count) receivers.shift()!.close();
    while (receivers.length < order.count) receivers.push(new Receiver(order.url));
  }
  process.send?.({ viewers: receivers.map(counts) } satisfies ViewersMessage);
});
process.on('disconnect', () => process.exit());
