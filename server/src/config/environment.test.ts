import { describe, expect, it } from 'vitest';
import { readEnvironment, strayVariables } from './environment.js';
import { loadConfig } from './flags.js';
import { SETTINGS, valueOfText } from './settings.js';

describe('the environment', () => {
  it('has one variable for each setting, by the rule', () => {
    const variables = SETTINGS.map(({ variable }) => variable);
    expect(new Set(variables).size).toBe(SETTINGS.length);
    expect(variables).toEqual(
      expect.arrayContaining([
        'LANECAST_SERVER_ALLOWED_HOSTS',
        'LANECAST_SPEED_SCALE_M_PER_PX',
        'LANECAST_INGEST_STALL_TIMEOUT_MS',
        'LANECAST_WEBRTC_UDP_PORTS',
        'LANECAST_STATE_DIRECTORY',
      ]),
    );
  });

  it('reads every kind of value', () => {
    const config = loadConfig([], {
      LANECAST_SERVER_PORT: '9000',
      LANECAST_SERVER_ALLOWED_HOSTS: 'a.example, b.example',
      LANECAST_WEBRTC_ENABLED: 'false',
      LANECAST_WEBRTC_UDP_PORTS: '50000-50100',
      LANECAST_DETECTOR_EXECUTION_PROVIDER: 'cpu',
      LANECAST_MJPEG_MAX_FPS: '7.5',
      LANECAST_LOG_LEVEL: '',
    });
    expect(config.server).toMatchObject({ port: 9000, allowedHosts: ['a.example', 'b.example'] });
    expect(config.webrtc).toMatchObject({ enabled: false, udpPorts: [50000, 50100] });
    expect(config.detector.executionProvider).toBe('cpu');
    expect(config.mjpeg.maxFps).toBe(7.5);
    expect(config.log.level).toBe('info');
  });

  it.each([
    ['LANECAST_SERVER_PORT', 'http', /^LANECAST_SERVER_PORT: server\.port must be number/],
    ['LANECAST_WEBRTC_ENABLED', 'yes', /^LANECAST_WEBRTC_ENABLED: webrtc\.enabled must be boolean/],
    ['LANECAST_WEBRTC_UDP_PORTS', '50000', /^LANECAST_WEBRTC_UDP_PORTS: webrtc\.udpPorts/],
    ['LANECAST_TOKEN', 'short', /^LANECAST_TOKEN: server\.token must have at least 16/],
  ])('%s=%s is refused by its name', (name, value, expected) => {
    expect(() => loadConfig([], { [name]: value })).toThrow(expected);
  });

  it('wins over the file and loses to flags, which are named in their faults', () => {
    const environment = { LANECAST_SERVER_PORT: '9001' };
    expect(loadConfig([], environment).server.port).toBe(9001);
    expect(loadConfig(['--port', '9002'], environment).server.port).toBe(9002);
    expect(loadConfig(['--set', 'server.port=9003'], environment).server.port).toBe(9003);
    expect(() => loadConfig(['--port', '99999'], environment)).toThrow(
      /^the command line: server\.port must be <=65535/,
    );
  });

  it('takes the rule over the short name of the token', () => {
    const of = (environment: NodeJS.ProcessEnv) => readEnvironment(environment).raw['server']?.['token'];
    expect(of({ LANECAST_TOKEN: 'short' })).toBe('short');
    expect(of({ LANECAST_TOKEN: 'short', LANECAST_SERVER_TOKEN: 'long' })).toBe('long');
  });

  it('tells what looks like a setting and is none, but not what a cluster sets', () => {
    const stray = strayVariables({
      LANECAST_SERVER_PROT: '1',
      LANECAST_PORT: 'tcp://10.0.0.1:8080',
      LANECAST_SERVICE_HOST: '10.0.0.1',
      LANECAST_TOKEN: 'x',
      LANECAST_CONFIG: '/c',
      LANECAST_NMS_CUDA_LIBRARY: '/l',
    });
    expect(stray).toEqual([
      'the environment variable LANECAST_SERVER_PROT is no setting and does nothing (did you mean LANECAST_SERVER_PORT?)',
    ]);
  });
});

it.each([
  ['number', '1e3', 1000],
  ['number', ' ', ' '],
  ['boolean', 'TRUE', true],
  ['boolean', '0', false],
  ['list', 'a', ['a']],
  ['range', '1-2', [1, 2]],
  ['range', '1,2', [1, 2]],
  ['mapping', '{a: 1}', { a: 1 }],
  ['mapping', '{a', '{a'],
] as const)('%s %j is %j', (kind, text, value) => expect(valueOfText(kind, text)).toEqual(value));
