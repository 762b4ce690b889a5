import { expect, it } from 'vitest';
import { controlBelow, pathOfUrl } from './request-url.js';

it.each([
  ['rtsp://h:8554/stream0', 'stream0'],
  ['rtsp://u:p@h/stream0/trackID=0', 'stream0/trackID=0'],
  ['rtsp://h/a%20b/?x=y', 'a b'],
  ['rtsp://h/%zz', '%zz'],
  ['rtsp://h', ''],
  ['/stream0/', 'stream0'],
  ['*', '*'],
])('%s names %s', (url, path) => {
  expect(pathOfUrl(url)).toBe(path);
});

it('tells what follows the mount', () => {
  expect(controlBelow('a', 'a')).toBe('');
  expect(controlBelow('a', 'a/trackID=0')).toBe('trackID=0');
  expect(controlBelow('a', 'ab')).toBeNull();
});
