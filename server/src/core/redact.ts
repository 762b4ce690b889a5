/**
 * Credentials never appear in a message, a log line or an API answer: every URL and every text that may hold one passes
 * through here. When a text is ambiguous (a password with an unescaped `/` or `@`) too much is hidden, never too little.
 */

/** Query and path parameters whose values are secrets; some cameras take credentials as `/user=a&password=b&channel=1`. */
const SECRET_PARAMETER =
  /(^|[?&/;_])(user(?:name)?|login|pass(?:word|wd)?|pwd|token|secret|auth|(?:access|api)?_?key)=[^&;/?#\s"'<>]*/gi;
const URL_IN_TEXT = /\b([a-z][a-z0-9+.-]{1,15}):\/\/(\S*)/gi;
const AUTHORIZATION_IN_TEXT = /\b((?:proxy-)?authorization\s*:\s*)[^\r\n]*/gi;

/** `rtsp://user:password@host/path` becomes `rtsp://host/path`. Takes anything, also what is no URL; never throws. */
export function redactUrl(url: string): string {
  const parts = /^\s*([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(url);
  if (!parts) return redactText(hideUserInfo('', url));
  return hideUserInfo(parts[1]!, parts[2]!);
}

/** Redacts every URL, secret parameter and Authorization header in a text. */
export function redactText(text: string): string {
  return text
    .replace(AUTHORIZATION_IN_TEXT, '$1***')
    .replace(URL_IN_TEXT, (_match, scheme: string, rest: string) => hideUserInfo(`${scheme}://`, rest))
    .replace(SECRET_PARAMETER, '$1$2=***');
}

function hideUserInfo(scheme: string, rest: string): string {
  const lastAt = rest.lastIndexOf('@');
  const authorityEnd = rest.search(/[/?#]/);
  let shown = rest;
  if (lastAt >= 0) {
    const inAuthority = authorityEnd < 0 || lastAt < authorityEnd;
    // An '@' behind the first '/' may end a password with an unescaped '/': hide all before it.
    shown = (inAuthority ? '' : '***@') + rest.slice(lastAt + 1);
  }
  return scheme + shown.replace(SECRET_PARAMETER, '$1$2=***');
}
