import { describe, expect, it } from 'vitest';
import { RtpHeader } from 'werift';
import { RtpTemplate } from './rtp-template.js';

const MID = { id: 4, data: Buffer.from('v12') };
const DELAY = { id: 6, data: Buffer.from([0, 0, 0]) };

describe('RtpTemplate', () => {
  it.each([[[]], [[MID]], [[MID, DELAY]]])("is what werift's own header is, byte for byte (%#)", (extensions) => {
    const template = new RtpTemplate(0xdeadbeef, 102, extensions);
    for (const [sequenceNumber, timestamp, marker] of [
      [0, 0, false],
      [65_535, 0xffffffff, true],
      [7, 90_000, false],
    ] as const) {
      Object.assign(template, { sequenceNumber, timestamp, marker });
      const header = new RtpHeader({ ssrc: 0xdeadbeef, payloadType: 102, sequenceNumber, timestamp, marker });
      header.extensions = extensions.map(({ id, data }) => ({ id, payload: data }));
      expect(template.serialize()).toEqual(header.serialize(header.serializeSize));
      expect(template.serializeSize).toBe(header.serializeSize);
    }
  });

  it('leaves out an extension that does not fit the one-byte form', () => {
    const template = new RtpTemplate(1, 96, [
      { id: 15, data: Buffer.from([1]) },
      { id: 3, data: Buffer.alloc(17) },
      DELAY,
    ]);
    expect(RtpHeader.deSerialize(template.serialize()).extensions).toEqual([
      { id: 6, payload: Buffer.from([0, 0, 0]) },
    ]);
  });
});
