import { expect, it } from 'vitest';
import { ReceiverMeter } from './receiver-figures.js';

it('turns totals into rates, from the second measurement on', () => {
  const meter = new ReceiverMeter();
  const first = {
    mid: '0',
    timestamp: 1000,
    bytesReceived: 10_000,
    framesDecoded: 25,
    jitterBufferDelay: 1,
    jitterBufferEmittedCount: 20,
  };
  expect(meter.measure([first]).size).toBe(0);
  const second = {
    ...first,
    timestamp: 2000,
    bytesReceived: 135_000,
    framesDecoded: 50,
    jitterBufferDelay: 2,
    jitterBufferEmittedCount: 45,
  };
  expect(meter.measure([second]).get('0')).toEqual({
    kbps: 1000,
    framesDecoded: 25,
    framesDropped: 0,
    packetsLost: 0,
    jitterBufferMs: 40,
  });
});

it('says nothing of a line whose counters began anew, nor of one that went', () => {
  const meter = new ReceiverMeter();
  meter.measure([{ mid: '0', timestamp: 1000, bytesReceived: 10_000 }]);
  expect(meter.measure([{ mid: '0', timestamp: 2000, bytesReceived: 500 }]).size).toBe(0);
  expect(meter.measure([]).size).toBe(0);
  expect(meter.measure([{ mid: '0', timestamp: 4000, bytesReceived: 900 }]).size).toBe(0);
});
