/** Entry of a thread that reads RTSP streams as the server's ingest does, without decoding: packets are what is measured. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { createDepacketiser, type Depacketiser } from '@lanecast/server/ingest/depacketise/depacketiser';
import { GopCache } from '@lanecast/server/ingest/gop-cache';
import type { PacketMessage } from '@lanecast/server/ingest/messages';
import { PacketTap } from '@lanecast/server/ingest/packet-tap';
import { RtspClient } from '@lanecast/server/ingest/rtsp/rtsp-client';

export interface PacketsOrder {
  index: number;
  port: MessagePort;
  progress: SharedArrayBuffer;
}

/** Of a unit that arrived: when its detection would begin. */
export interface UnitArrived {
  index: number;
  ptsUs: number;
}

interface Stream {
  taps: Set<PacketTap>;
  gop: GopCache;
}

const port = parentPort!;
const streams = (workerData as { urls: readonly string[] }).urls.map(read);

function read(url: string, index: number): Stream {
  const stream: Stream = { taps: new Set(), gop: new GopCache() };
  let depacketiser: Depacketiser | null = null;
  let firstTimestamp: number | null = null;
  const client = new RtspClient(
    { url, transport: 'tcp' },
    {
      onTrack: ({ codec, parameterSets }) => {
        depacketiser = createDepacketiser(codec, {
          parameterSets,
          onUnit: ({ rtpTimestamp, isKeyframe, packets }) => {
            firstTimestamp ??= rtpTimestamp;
            const ptsUs = Math.round(((rtpTimestamp - firstTimestamp) >>> 0) / 0.09);
            const unit: PacketMessage = { ptsUs, isKeyframe, packets, parameterSets: [] };
            stream.gop.push(unit);
            for (const tap of stream.taps) tap.push(unit);
            port.postMessage({ index, ptsUs } satisfies UnitArrived);
          },
        });
      },
      onPacket: (packet) => depacketiser?.push(packet),
      onClose: (error) => {
        throw error ?? new Error(`${url} ended`);
      },
    },
  );
  void client.start();
  return stream;
}

port.on('message', ({ index, port: reader, progress }: PacketsOrder) => {
  const { taps, gop } = streams[index]!;
  const tap = new PacketTap(reader, progress);
  for (const unit of gop.units) tap.push(unit);
  taps.add(tap);
  reader.on('close', () => taps.delete(tap));
});
