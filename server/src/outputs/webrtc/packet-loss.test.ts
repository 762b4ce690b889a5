import { expect, test } from 'vitest';
import { dropPackets, type RtpTransport } from './packet-loss.js';

async function arrivals(share: number): Promise<number[]> {
  const arrived: number[] = [];
  const transport: RtpTransport<number, null> = {
    sendRtp: (payload) => Promise.resolve(arrived.push(payload)),
  };
  dropPackets(share)(transport as unknown as RtpTransport);
  for (let i = 0; i < 5000; i++) await transport.sendRtp(i, null);
  return arrived;
}

test('loses about the share that was asked for, the same packets each time', async () => {
  const arrived = await arrivals(0.02);
  expect(arrived.length).toBeGreaterThan(4850);
  expect(arrived.length).toBeLessThan(4950);
  expect(await arrivals(0.02)).toEqual(arrived);
});
