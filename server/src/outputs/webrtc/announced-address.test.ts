import { expect, it } from 'vitest';
import { announce } from './announced-address.js';

const HOST = 'candidate:1 1 udp 2130706431 10.0.0.5 50000 typ host';
const REFLEXIVE = 'candidate:2 1 udp 1694498815 198.51.100.7 50000 typ srflx raddr 10.0.0.5 rport 50000';

it('tells host candidates with the announced address, in a candidate and in an SDP', () => {
  expect(announce(HOST, '203.0.113.9')).toBe('candidate:1 1 udp 2130706431 203.0.113.9 50000 typ host');
  const sdp = `v=0\r\na=${HOST}\r\na=${REFLEXIVE}\r\na=${HOST} generation 0\r\n`;
  expect(announce(sdp, '2001:db8::9').match(/2001:db8::9 50000 typ host/g)).toHaveLength(2);
  expect(announce(sdp, '203.0.113.9')).toContain(REFLEXIVE);
});

it('leaves all as it is without one', () => {
  expect(announce(HOST, null)).toBe(HOST);
});
