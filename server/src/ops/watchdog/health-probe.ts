import { get } from 'node:http';
import { get as getSecurely, type RequestOptions } from 'node:https';

/** Whether an HTTP address answers 2xx in time; never rejects. */
export function probeHealth(url: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    // A connection of its own each time: that the server still takes new ones is part of its health.
    // It is this machine that is asked, by an address that no certificate names.
    const options: RequestOptions = { agent: false, timeout: timeoutMs, rejectUnauthorized: false };
    const request = (url.startsWith('https:') ? getSecurely : get)(url, options, (response) => {
      response.resume();
      response.on('error', () => resolve(false));
      const { statusCode = 0 } = response;
      resolve(statusCode >= 200 && statusCode < 300);
    });
    // `timeout` above is of silence; this one is of everything.
    const timer = setTimeout(() => request.destroy(new Error('no answer in time')), timeoutMs);
    request.on('error', () => resolve(false));
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('close', () => clearTimeout(timer));
  });
}
