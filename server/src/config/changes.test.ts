import { describe, expect, it } from 'vitest';
import { describeChanges, diffConfig, isNoChange, runningAfter } from './changes.js';
import { type RawConfig, validateConfig } from './load.js';
import type { Config } from './schema.js';

const A = { id: 'a', url: 'rtsp://u:secret@h/a' };
const B = { id: 'b', url: 'rtsp://h/b' };
const C = { id: 'c', url: 'rtsp://h/c' };
const config = (streams: object[], more: RawConfig = {}): Config => validateConfig({ streams, ...more });
const POINTS = [
  { image: [0, 0], ground: [0, 0] },
  { image: [9, 0], ground: [9, 0] },
  { image: [9, 9], ground: [9, 9] },
  { image: [0, 9], ground: [0, 9] },
];

describe('diffConfig', () => {
  const nothing = {
    added: [],
    removed: [],
    reconnected: [],
    calibrated: [],
    reordered: false,
    live: [],
    needsRestart: [],
  };
  it.each<[string, Config, Config, object]>([
    ['nothing', config([A, B]), config([A, B]), {}],
    ['a camera more', config([A]), config([A, B]), { added: [B] }],
    ['a camera less', config([A, B]), config([B]), { removed: ['a'] }],
    ['another camera in the place of one', config([A, B]), config([C, B]), { added: [C], removed: ['a'] }],
    [
      'an address',
      config([A, B]),
      config([{ ...A, url: 'rtsp://h/x' }, B]),
      { reconnected: [{ id: 'a', url: 'rtsp://h/x' }] },
    ],
    [
      'a password',
      config([A]),
      config([{ ...A, url: 'rtsp://u:other@h/a' }]),
      { reconnected: [{ id: 'a', url: 'rtsp://u:other@h/a' }] },
    ],
    ['a transport', config([A]), config([{ ...A, transport: 'udp' }]), { reconnected: [{ ...A, transport: 'udp' }] }],
    ['what is said as the default', config([A]), config([{ ...A, tlsAllowSelfSigned: false }]), {}],
    ['a scale', config([A, B]), config([{ ...A, scaleMPerPx: 0.1 }, B]), { calibrated: ['a'] }],
    [
      'the same scale in other words',
      config([{ ...A, scaleMPerPx: 0.1 }]),
      config([{ ...A, calibration: { scaleMPerPx: 0.1 } }]),
      {},
    ],
    ['points', config([A]), config([{ ...A, calibration: { points: POINTS } }]), { calibrated: ['a'] }],
    [
      'address and scale',
      config([A]),
      config([{ ...A, url: 'rtsp://h/x', scaleMPerPx: 1 }]),
      { reconnected: [{ id: 'a', url: 'rtsp://h/x', scaleMPerPx: 1 }] },
    ],
    ['the order', config([A, B]), config([B, A]), { reordered: true }],
    ['the order of those that stay', config([A, B, C]), config([C, B]), { removed: ['a'], reordered: true }],
    [
      'the default scale',
      config([A, { ...B, scaleMPerPx: 1 }]),
      config([A, { ...B, scaleMPerPx: 1 }], { speed: { scaleMPerPx: 0.2 } }),
      { calibrated: ['a'], live: ['speed.scaleMPerPx'] },
    ],
    ['the log', config([A]), config([A], { log: { level: 'warn' } }), { live: ['log.level'] }],
    [
      'settings that need a restart',
      config([A], { webrtc: { udpPorts: [5000, 5001] } }),
      config([A], { server: { port: 1, token: 'x'.repeat(16) }, ingest: { transport: 'udp' } }),
      { needsRestart: ['ingest.transport', 'server.port', 'server.token', 'webrtc.udpPorts'] },
    ],
  ])('%s', (_, running, next, expected) => {
    const changes = diffConfig(running, next);
    expect(changes).toEqual({ ...nothing, ...expected });
    expect(isNoChange(changes)).toBe(Object.keys(expected).every((key) => key === 'needsRestart'));
    // What runs afterwards differs from the file by what needs a restart, and by nothing else.
    const after = diffConfig(runningAfter(running, next), next);
    expect(after).toEqual({ ...nothing, needsRestart: changes.needsRestart });
    expect(describeChanges(changes)).not.toMatch(/secret|rtsp:/);
  });

  it('keeps what runs as it was', () => {
    const running = config([A]);
    const before = structuredClone(running);
    runningAfter(running, config([B], { log: { level: 'warn' }, server: { port: 1 } }));
    expect(running).toEqual(before);
  });
});
