import { LanecastError } from '../core/errors.js';
import { redactUrl } from '../core/redact.js';
import { parseRtspUrl } from './rtsp-url.js';

/**
 * The address of a camera that is set anew. Answers of the API have no credentials in their addresses, so an address
 * without any keeps those that are saved; but only towards the same host and port and in no weaker way (they are never
 * sent to somebody else, or in the clear where they were encrypted). With a user name and no password, the saved
 * password stays if the user does. `rtsp://@host/path` takes them away.
 * Throws a LanecastError `bad-url`, or `url-redacted`: it holds `***`, where an answer hid a secret that is not known.
 */
export function keepCredentials(savedUrl: string, givenUrl: string): string {
  if (givenUrl === savedUrl || givenUrl === redactUrl(savedUrl)) return savedUrl;
  const given = parseRtspUrl(givenUrl);
  if (/=\*\*\*|\/\/\*\*\*@/.test(givenUrl))
    throw new LanecastError(
      'url-redacted',
      'the address holds *** where a secret was hidden: write the secret itself, or send the address as it was answered',
    );
  const emptied = /^\s*(rtsps?:\/\/)@/i.exec(givenUrl);
  if (emptied) return givenUrl.replace(emptied[0], emptied[1]!);
  const saved = parseRtspUrl(savedUrl);
  const isSameHost = saved.host.toLowerCase() === given.host.toLowerCase();
  const isSamePlace = isSameHost && saved.port === given.port && (given.secure || !saved.secure);
  if (!isSamePlace || !saved.credentials) return givenUrl;
  const userInfo = /^(\s*rtsps?:\/\/)([^/?#]*)@/i.exec(givenUrl)?.[2];
  if (userInfo !== undefined && (userInfo.includes(':') || given.credentials?.username !== saved.credentials.username))
    return givenUrl;
  const savedInfo = /^\s*rtsps?:\/\/([^/?#]*)@/i.exec(savedUrl)![1]!;
  return givenUrl.replace(/^(\s*rtsps?:\/\/)(?:[^/?#]*@)?/i, (_, scheme: string) => `${scheme}${savedInfo}@`);
}
