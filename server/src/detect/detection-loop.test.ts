import { expect, it } from 'vitest';
import { FrameSlots } from '../core/frame-slots.js';
import { letterbox } from '../core/geometry.js';
import { Pulse } from '../core/pulse.js';
import { WorkSignal } from '../core/work-signal.js';
import { DetectionDecoder } from './detection-decoder.js';
import { DetectionLoop, type LoopParts } from './detection-loop.js';
import { FaultySession } from './inference-faults.js';
import type { FromDetector } from './messages.js';

const PICTURE_BYTES = 6;

/** A loop over one stream, whose session finds nothing; `isLost` as in the loop's parts. */
function rig(isLost: LoopParts['isLost']) {
  const session = new FaultySession({
    input: new Uint8Array(PICTURE_BYTES),
    output: new Float32Array(6),
    pictureBytes: PICTURE_BYTES,
    run: () => Promise.resolve(),
  });
  const posted: FromDetector[] = [];
  const slots = FrameSlots.allocate({ slotCount: 2, pictureBytes: PICTURE_BYTES, metaBytes: 0 });
  const publish = (ptsUs: number): void => {
    const slot = slots.beginWrite()!;
    slots.publish(slot, {
      ...letterbox(2, 2, 2, 2),
      ptsUs,
      epoch: 1,
      receivedAtMs: 0,
      decodedAtMs: 0,
      writtenAtMs: 0,
    });
  };
  const pulse = new Pulse();
  const loop: DetectionLoop = new DetectionLoop({
    session,
    decoder: new DetectionDecoder({
      candidateCount: 1,
      classCount: 1,
      scoreThreshold: 0.5,
      iouThreshold: 0.5,
      perClass: false,
      maxDetections: 5,
    }),
    signal: new WorkSignal(),
    pulse,
    limits: { maxBatch: 1, maxWaitMs: 0 },
    sizes: [1],
    candidateCount: 1,
    nowMs: () => 0,
    isLost,
    post: (message) => {
      posted.push(message);
      if (message.kind === 'batch') loop.close();
      else publish(posted.length + 1);
    },
  });
  loop.add(7, slots.shared);
  publish(1);
  return { session, loop, posted, pulse };
}

it('loses the batch whose inference fails, and goes on with the next', async () => {
  const { session, loop, posted, pulse } = rig(() => false);
  session.fail(3, 'CUDA failure 2: out of memory');
  await loop.run();
  expect(posted.map(({ kind }) => kind)).toEqual(['run-failed', 'run-failed', 'run-failed', 'batch']);
  expect(pulse.beats).toBe(1);
});

it('ends after ten failures in a row', async () => {
  const { session, loop, posted } = rig(() => false);
  session.fail(11, 'CUDA failure 2: out of memory');
  await expect(loop.run()).rejects.toMatchObject({ code: 'detector-broken' });
  expect(posted).toHaveLength(10);
});

it('ends at the first failure that leaves nothing to hope for', async () => {
  const { session, loop, posted } = rig((message) => message.includes('700'));
  session.fail(11, 'CUDA failure 700');
  await expect(loop.run()).rejects.toMatchObject({ code: 'gpu-lost' });
  expect(posted).toEqual([{ kind: 'run-failed', frames: 1, message: 'CUDA failure 700' }]);
});
