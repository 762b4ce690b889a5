import { expect, it } from 'vitest';
import { parseTransport } from './transport-header.js';

it.each([
  ['RTP/AVP/TCP;unicast;interleaved=2-3', { kind: 'tcp', channels: [2, 3] }],
  ['RTP/AVP/TCP;unicast', { kind: 'tcp', channels: null }],
  ['RTP/AVP;unicast;client_port=5000-5001', { kind: 'udp', clientPorts: [5000, 5001] }],
  ['RTP/AVP/UDP;unicast;client_port=5000;mode=record', { kind: 'udp', clientPorts: [5000, 5001] }],
  ['RTP/AVP;multicast, RTP/AVP/TCP;interleaved=0-1', { kind: 'tcp', channels: [0, 1] }],
  ['RTP/AVP;unicast', null],
  ['RTP/AVP;unicast;client_port=65535', null],
  ['RTP/AVP/TCP;interleaved=300-301', null],
  ['RTP/SAVP;unicast;client_port=1-2', null],
  ['', null],
])('%s', (header, expected) => {
  expect(parseTransport(header)).toEqual(expected);
});
