import { expect, it } from 'vitest';
import { isOwnOrigin } from './origin.js';

it.each([
  ['no browser', undefined, '127.0.0.1:8080', true],
  ['our own page', 'http://127.0.0.1:8080', '127.0.0.1:8080', true],
  ['our own page on the default port', 'http://cams', 'cams:80', true],
  ['our own page behind TLS', 'https://cams.example', 'cams.example', true],
  ['our own page behind a proxy that rewrites Host', 'https://gate.example', '127.0.0.1:8080', true],
  ['another port of this machine', 'http://127.0.0.1:3000', '127.0.0.1:8080', false],
  ['another site', 'https://evil.example', '127.0.0.1:8080', false],
  ['a site with our name in front', 'https://gate.example.evil.example', '127.0.0.1:8080', false],
  ['a sandboxed frame or a file', 'null', '127.0.0.1:8080', false],
  ['nonsense', 'http://', '127.0.0.1:8080', false],
  ['a page, asking no host', 'http://127.0.0.1', undefined, false],
])('%s: %s at %s is %s', (_, origin, host, allowed) => {
  expect(isOwnOrigin(origin, host, ['Gate.example'])).toBe(allowed);
});
