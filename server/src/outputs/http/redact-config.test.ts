import { expect, it } from 'vitest';

import { redactConfig } from './redact-config.js';

it('hides secrets by name and credentials in addresses, and leaves its input alone', () => {
  const config = {
    server: { host: '127.0.0.1', port: 8080, token: 'abcdefghijklmnop', allowedHosts: ['a.example'] },
    streams: [{ id: 'a', url: 'rtsp://admin:hunter2@camera:554/1?password=x', transport: undefined }],
  };
  const copy = structuredClone(config);
  const shown = redactConfig(config);
  expect(shown).toEqual({
    server: { host: '127.0.0.1', port: 8080, token: '***', allowedHosts: ['a.example'] },
    streams: [{ id: 'a', url: 'rtsp://camera:554/1?password=***', transport: undefined }],
  });
  expect(config).toEqual(copy);
});

it('does not pretend that there is a token', () => {
  expect(redactConfig({ token: undefined, password: null })).toEqual({ token: undefined, password: null });
});
