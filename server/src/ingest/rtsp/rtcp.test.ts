import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReceptionStatistics } from './reception-statistics.js';
import { buildReceiverReport, parseRtcp } from './rtcp.js';
import { parseRtpPacket } from './rtp-packet.js';
import { buildRtp, buildSenderReport } from './testing/rtp-builder.js';

describe('parseRtcp', () => {
  it('reads sender reports and goodbyes out of a compound packet', () => {
    const report = buildSenderReport(7, 2_208_988_800 + 100, 2 ** 30, 0xfffffff0);
    const bye = Buffer.from([0x82, 203, 0, 2, 0, 0, 0, 7, 0, 0, 0, 8]);
    const contents = parseRtcp(Buffer.concat([report, bye]), 42);
    expect(contents.byes).toEqual([7, 8]);
    expect(contents.senderReports).toEqual([
      {
        ssrc: 7,
        ntpUnixMs: 100_250,
        ntpMiddle: (((2_208_988_800 + 100) & 0xffff) * 65_536 + 0x4000) >>> 0,
        rtpTimestamp: 0xfffffff0,
        packetCount: 10,
        octetCount: 1000,
        receivedAtMs: 42,
      },
    ]);
  });

  it('takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const bytes = Buffer.concat([Buffer.from([0x80, 200]), noise]);
        expect(parseRtcp(bytes, 0).senderReports.length).toBeLessThanOrEqual(8);
      }),
      { numRuns: 500 },
    );
  });
});

describe('receiver reports', () => {
  it('tell loss, jitter and the last sender report', () => {
    const statistics = new ReceptionStatistics(90_000);
    expect(statistics.report(0)).toBeNull();
    const add = (sequence: number, atMs: number): void => {
      const packet = parseRtpPacket(buildRtp({ sequenceNumber: sequence, ssrc: 7, timestamp: sequence * 900 }), atMs)!;
      statistics.add({ packet, extendedSequence: sequence, reset: false });
    };
    statistics.addSenderReport(parseRtcp(buildSenderReport(7, 1, 2 ** 31, 0), 500).senderReports[0]!);
    // Ten packets expected, two lost; all on time but the last, which is 16 ms late.
    for (const sequence of [1, 2, 3, 6, 7, 8, 9]) add(sequence, sequence * 10);
    add(10, 116);
    const report = statistics.report(1500)!;
    expect(report).toMatchObject({
      ssrc: 7,
      cumulativeLost: 2,
      highestSequence: 10,
      jitter: 90,
      lastSenderReport: 0x18000,
    });
    expect(report.fractionLost).toBeCloseTo((2 * 256) / 10);
    expect(report.delaySinceLastSenderReport).toBe(65_536);
    expect(statistics.jitterMs).toBe(1);

    const bytes = Buffer.from(buildReceiverReport(99, 'name', report));
    expect(bytes.length % 4).toBe(0);
    expect([bytes[0], bytes[1], bytes.readUInt16BE(2), bytes.readUInt32BE(4)]).toEqual([0x81, 201, 7, 99]);
    expect([bytes[12], bytes.readIntBE(13, 3), bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([
      51, 2, 10, 90,
    ]);
    expect([bytes.readUInt32BE(24), bytes.readUInt32BE(28)]).toEqual([0x18000, 65_536]);
    expect([bytes[32], bytes[33], bytes.readUInt32BE(36)]).toEqual([0x81, 202, 99]);
    expect(bytes.toString('latin1', 42, 46)).toBe('name');
    // Nothing was lost since then.
    expect(statistics.report(2000)!.fractionLost).toBe(0);
  });

  it('are well-formed before the first packet too', () => {
    const bytes = Buffer.from(buildReceiverReport(1, 'x'.repeat(300), null));
    expect([bytes[0], bytes[1], bytes.readUInt16BE(2)]).toEqual([0x80, 201, 1]);
    expect(bytes.length).toBe(8 + 4 + bytes.readUInt16BE(10) * 4 - 0);
  });
});
