import { describe, expect, it } from 'vitest';
import { LanecastError } from '../core/errors.js';
import type { NvdecDevice } from '../ingest/decode/nvdec-device.js';
import { DecodeHost } from './decode-host.js';

function machine(problem: string | null, hasDriver = true) {
  let closes = 0;
  const device = { isShared: true, close: () => closes++ } as unknown as NvdecDevice;
  return {
    open: () => {
      if (!hasDriver) throw new LanecastError('nvdec-unavailable', 'there is no driver');
      return device;
    },
    probe: () => problem,
    closes: () => closes,
  };
}

const SOFTWARE = { decoder: 'software', decoderReason: null } as const;
const NVDEC = { decoder: 'nvdec', decoderReason: null } as const;

describe('DecodeHost', () => {
  it('takes NVDEC where it works, and keeps the device until it is closed', () => {
    const gpu = machine(null);
    const host = DecodeHost.start('auto', gpu);
    expect(host.isHardware).toBe(true);
    expect([8, 17, 64, 200].map((streams) => host.streamsPerWorker(streams, 16))).toEqual([1, 2, 4, 4]);
    expect(host.stats([])).toEqual({ backend: 'nvdec', reason: null, streams: { nvdec: 0, software: 0 } });
    expect(host.notices([{ id: 'a', ...NVDEC }])).toEqual([]);
    expect(gpu.closes()).toBe(0);
    host.close();
    expect(gpu.closes()).toBe(1);
  });

  it('says so where the context is not shared', () => {
    const { probe } = machine(null);
    const open = () => ({ isShared: false, close: () => undefined }) as unknown as NvdecDevice;
    expect(DecodeHost.start('auto', { open, probe }).notices([])).toEqual([
      expect.stringContaining('in contexts of its own'),
    ]);
  });

  it('decodes in software where it does not, and says why', () => {
    const gpu = machine('NVDEC refused a keyframe');
    const host = DecodeHost.start('auto', gpu);
    expect([host.isHardware, host.streamsPerWorker(8, 16)]).toEqual([false, 8]);
    expect(gpu.closes()).toBe(1);
    expect(host.stats([SOFTWARE])).toMatchObject({ backend: 'software', reason: 'NVDEC refused a keyframe' });
    expect(host.notices([])).toEqual(['decoding in software: NVDEC refused a keyframe']);
  });

  it.each([
    ['a driver that refuses', machine('NVDEC refused a keyframe')],
    ['no driver', machine(null, false)],
  ])('refuses to start without what was insisted on: %s', (_, gpu) => {
    expect(() => DecodeHost.start('nvdec', gpu)).toThrow(/NVDEC was asked for, but .*npm run setup:cuda/);
    expect(() => DecodeHost.start('nvdec', gpu)).toThrow(LanecastError);
  });

  it('does not touch the GPU where software was asked for', () => {
    const host = DecodeHost.start('software', {
      open: () => {
        throw new Error('opened');
      },
      probe: () => null,
    });
    expect(host.stats([SOFTWARE])).toMatchObject({ backend: 'software', reason: null });
    expect(host.notices([{ id: 'a', ...SOFTWARE }])).toEqual([]);
  });

  it('names the streams that the GPU does not take, by reason', () => {
    const host = DecodeHost.start('auto', machine(null));
    const odd = { decoder: 'software', decoderReason: 'NVDEC does not take this stream' } as const;
    expect(host.stats([NVDEC, odd, odd])).toMatchObject({
      backend: 'nvdec+software',
      streams: { nvdec: 1, software: 2 },
    });
    expect(
      host.notices([
        { id: 'a', ...NVDEC },
        { id: 'b', ...odd },
        { id: 'c', ...odd },
      ]),
    ).toEqual(['decoding b, c in software: NVDEC does not take this stream']);
  });
});
