import { describe, expect, it } from 'vitest';

import { LanecastError } from '../../core/errors.js';
import { HttpError, problemOf } from './problems.js';

describe('problemOf', () => {
  it('tells what an HttpError says', () => {
    const error = new HttpError(405, 'method-not-allowed', 'no', {
      headers: { Allow: 'GET' },
      extensions: { more: 1 },
    });
    expect(problemOf(error)).toEqual({
      problem: {
        type: 'about:blank',
        title: 'Method Not Allowed',
        status: 405,
        code: 'method-not-allowed',
        detail: 'no',
        more: 1,
      },
      headers: { Allow: 'GET' },
      unexpected: false,
    });
  });

  it('asks to try again later where that may help', () => {
    const { problem, headers } = problemOf(new LanecastError('no-picture', 'none yet'));
    expect(problem).toMatchObject({ status: 503, code: 'no-picture', detail: 'none yet' });
    expect(headers).toEqual({ 'Retry-After': '1' });
  });

  it.each([
    [new Error('secret path'), 500, 'internal'],
    ['thrown text', 500, 'internal'],
    [new LanecastError('some-inner-code', 'inner'), 500, 'internal'],
    [Object.assign(new Error('too large'), { statusCode: 413 }), 413, 'body-too-large'],
  ])('%s becomes %d %s', (error, status, code) => {
    const { problem, unexpected } = problemOf(error);
    expect(problem).toMatchObject({ status, code });
    expect(unexpected).toBe(status === 500);
    if (status === 500) expect(JSON.stringify(problem)).not.toMatch(/secret|thrown|inner"/);
  });
});
