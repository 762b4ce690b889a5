import { describe, expect, it } from 'vitest';

import { bearerToken, HostCheck, hostName, isLoopback, requireTokenFor, TokenCheck } from './hosts.js';

it.each([
  ['localhost', true],
  ['LOCALHOST', true],
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['::1', true],
  ['[::1]', true],
  ['0.0.0.0', false],
  ['::', false],
  ['127.0.0.1.example.org', false],
  ['192.168.0.1', false],
])('isLoopback(%s) is %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

it('wants a token for what others can reach', () => {
  expect(() => requireTokenFor('127.0.0.1', undefined)).not.toThrow();
  expect(() => requireTokenFor('0.0.0.0', 'a-token')).not.toThrow();
  expect(() => requireTokenFor('0.0.0.0', undefined)).toThrow(/Set a token/);
  expect(() => requireTokenFor('0.0.0.0', '')).toThrow(/Set a token/);
});

it.each([
  ['example.org', 'example.org'],
  ['Example.ORG.:8080', 'example.org'],
  ['[::1]:8080', '::1'],
  ['::1', null],
  ['a b', null],
  ['user@host', null],
  ['', null],
  [undefined, null],
])('hostName(%s) is %s', (header, expected) => {
  expect(hostName(header)).toBe(expected);
});

describe('HostCheck', () => {
  it('allows loopback, the bind address and configured names', () => {
    const check = new HostCheck('192.168.1.5', ['Cameras.example', '[fd00::1]', 'rooted.example.']);
    for (const host of [
      'localhost:1',
      '192.168.1.5:8080',
      'cameras.example',
      '[fd00::1]:8080',
      'rooted.example',
      'rooted.example.:80',
    ])
      expect(check.allows(host), host).toBe(true);
    for (const host of ['192.168.1.6', 'example', 'evil.cameras.example', undefined])
      expect(check.allows(host)).toBe(false);
  });

  it('allows any address, but no other name, when it listens on all interfaces', () => {
    const check = new HostCheck('::');
    expect(check.allows('10.0.0.1:80')).toBe(true);
    expect(check.allows('[fe80::1]:80')).toBe(true);
    expect(check.allows('rebound.example')).toBe(false);
  });
});

it('compares tokens', () => {
  const check = new TokenCheck('secret');
  expect(['secret', 'secre', 'secrets', '', null, undefined].map((each) => check.matches(each))).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

it.each([
  ['Bearer abc', 'abc'],
  ['bearer  abc ', 'abc'],
  ['Basic abc', null],
  ['Bearer', null],
  [undefined, null],
])('bearerToken(%s) is %s', (header, expected) => {
  expect(bearerToken(header)).toBe(expected);
});
