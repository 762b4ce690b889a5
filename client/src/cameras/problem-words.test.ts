import { expect, it } from 'vitest';
import { wordsOf } from './problem-words.js';

it('puts a fault at the field that has it', () => {
  const said = wordsOf({
    code: 'stream-invalid',
    detail: 'everything; together',
    faults: [{ path: 'url', message: 'url must be an RTSP address: host or port is not valid' }],
  });
  expect(said).toEqual({
    text: 'Url must be an RTSP address: host or port is not valid',
    advice: null,
    field: 'address',
  });
});

it.each([
  ['stream-exists', 'id', /another name/i],
  ['rtsp-unauthorised', 'password', /password/],
  ['rtsp-not-found', 'address', /path/],
  ['config-not-saved', null, /Nothing was changed/],
  ['something-new', null, null],
] as const)('%s: at %s, with advice', (code, field, advice) => {
  const said = wordsOf({ code, detail: 'rtsp://10.0.0.7/live: it failed' });
  expect(said.text).toBe('rtsp://10.0.0.7/live: it failed');
  expect(said.field).toBe(field);
  if (advice === null) expect(said.advice).toBeNull();
  else expect(said.advice).toMatch(advice);
});
