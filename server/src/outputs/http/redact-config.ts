import { redactUrl } from '../../core/redact.js';

const SECRET_KEY = /token|password|secret|credential/i;
const HIDDEN = '***';

/** A configuration as it may be shown: no secrets by name, no credentials in URLs. The input is left as it is. */
export function redactConfig(value: unknown): unknown {
  if (typeof value === 'string') return redactUrl(value);
  if (Array.isArray(value)) return value.map(redactConfig);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]: [string, unknown]) => [
      key,
      SECRET_KEY.test(key) && entry !== undefined && entry !== null ? HIDDEN : redactConfig(entry),
    ]),
  );
}
