/** Entry of a transcoder's thread: one stream's pictures to H.264, until told to end. */
import { parentPort, workerData } from 'node:worker_threads';
import { FrameSlots } from '../../../core/frame-slots.js';
import { Pulse } from '../../../core/pulse.js';
import { WorkSignal } from '../../../core/work-signal.js';
import { PacketTap } from '../../../ingest/packet-tap.js';
import { monotonicMs } from '../../../ops/clock.js';
import { quietFfmpeg } from '../../../ops/quiet-ffmpeg.js';
import { H264Encoder } from './h264-encoder.js';
import type { FromTranscoder, TranscoderData } from './messages.js';
import { TranscodeLoop } from './transcode-loop.js';

const COUNTERS_EVERY_MS = 500;

quietFfmpeg();
const {
  slots: shared,
  signal: buffer,
  width,
  height,
  fps,
  maxPayloadBytes,
  port,
  progress,
  pulse: pulseBuffer,
} = workerData as TranscoderData;
const parent = parentPort!;
const slots = new FrameSlots(shared);
const signal = new WorkSignal(buffer);
const pulse = new Pulse(pulseBuffer);
const tap = new PacketTap(port, progress);
const loop = new TranscodeLoop({
  slots,
  createEncoder: (colours) => new H264Encoder(width, height, fps, colours),
  maxPayloadBytes,
  push: (unit) => tap.push(unit),
  nowMs: monotonicMs,
});

const state = { closing: false };
let toldAtMs = monotonicMs();
// Each end says one thing only: `ToTranscoder`, `KeyframeRequest`.
parent.on('message', () => (state.closing = true));
port.on('message', () => loop.requestKeyframe());

while (!state.closing) {
  const seen = signal.value;
  const worked = loop.step();
  pulse.beat();
  if (!worked) signal.wait(seen, COUNTERS_EVERY_MS);
  const now = monotonicMs();
  if (now - toldAtMs >= COUNTERS_EVERY_MS) {
    toldAtMs = now;
    parent.postMessage({ type: 'counters', counters: { ...loop.counters } } satisfies FromTranscoder);
  }
  // Let messages in.
  await new Promise((resolve) => setImmediate(resolve));
}
loop.close();
tap.close();
parent.close();
