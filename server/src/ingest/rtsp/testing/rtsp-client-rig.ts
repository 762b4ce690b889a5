/** What tests of the RTSP client share: a server that answers as told, and a client whose words are kept. */
import { afterEach, expect } from 'vitest';
import { LanecastError } from '../../../core/errors.js';
import type { SenderReport } from '../rtcp.js';
import type { SequencedRtpPacket } from '../rtp-packet.js';
import { RtspClient, type RtspClientOptions, type RtspVideoTrack } from '../rtsp-client.js';
import { FakeRtspServer, type FakeScript } from './fake-rtsp-server.js';
import { buildRtp } from './rtp-builder.js';

export const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export class Recorder {
  readonly packets: SequencedRtpPacket[] = [];
  readonly reports: SenderReport[] = [];
  readonly tracks: RtspVideoTrack[] = [];
  readonly closes: (LanecastError | null)[] = [];
  lost = 0;
  onTrack = (track: RtspVideoTrack): void => void this.tracks.push(track);
  onPacket = (packet: SequencedRtpPacket): void => void this.packets.push(packet);
  onSenderReport = (report: SenderReport): void => void this.reports.push(report);
  onLoss = (count: number): void => void (this.lost += count);
  onClose = (error: LanecastError | null): void => void this.closes.push(error);
}

export async function serve(script?: FakeScript): Promise<FakeRtspServer> {
  const server = await FakeRtspServer.open(script);
  cleanups.push(() => server.close());
  return server;
}

export function clientFor(
  url: string,
  options: Partial<RtspClientOptions> = {},
): { client: RtspClient; recorder: Recorder } {
  const recorder = new Recorder();
  const client = new RtspClient(
    { url, transport: 'tcp', connectTimeoutMs: 3000, answerTimeoutMs: 3000, ...options },
    recorder,
  );
  cleanups.push(() => client.close());
  return { client, recorder };
}

export async function failureOf(url: string, options: Partial<RtspClientOptions> = {}): Promise<LanecastError> {
  const { client, recorder } = clientFor(url, options);
  const failure = await client.start().then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(LanecastError);
  // A start() that failed has said all there is to say.
  expect(recorder.closes).toEqual([]);
  return failure as LanecastError;
}

export async function until(condition: () => boolean): Promise<void> {
  const endMs = Date.now() + 4000;
  while (!condition()) {
    if (Date.now() > endMs) throw new Error('the condition did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export const rtp = (sequenceNumber: number, payload = 'x'): Buffer =>
  buildRtp({ sequenceNumber, timestamp: sequenceNumber * 3600, ssrc: 7, payload: Buffer.from(payload), marker: true });
