import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import pretty from 'pino-pretty';
import { redactText } from '../core/redact.js';
import { beforeAbruptEnd } from './exit.js';

/** Fields are flat by the rubric; what is deeper than this is not looked into, and not shown. */
const MAX_DEPTH = 4;

/**
 * The process's log: JSON lines, or readable ones on a terminal. Its rubric is in docs/operations.md: `info` is one line
 * per change in the life of a stream or of the server; `warn` is something an operator may want to act on; `error` is a
 * defect of ours; nothing is ever logged per frame. Whatever looks like a credential in a URL is removed from every
 * message and every field. `destination`: for tests.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    // Made by the formatter below already; pino's own would call it an Object.
    serializers: { err: (shown: unknown) => shown },
    formatters: { log: (fields) => redactFields(fields, 0) as Record<string, unknown> },
    hooks: {
      logMethod(args, method) {
        const [first, ...rest] = args as unknown[];
        // pino would take an error's own message for the line's, as it is.
        const whole = first instanceof Error ? [{ err: first }, ...(rest.length > 0 ? rest : [first.message])] : args;
        const clean = whole.map((arg: unknown) => (typeof arg === 'string' ? redactText(arg) : arg));
        method.apply(this, clean as typeof args);
      },
    },
  };
  if (destination) return pino(options, destination);
  if (!process.stdout.isTTY) {
    // Lines are written in the background: a reader of the log that is slow holds nobody up.
    const output = pino.destination({ dest: process.stdout.fd, sync: false });
    beforeAbruptEnd(
      () =>
        new Promise((resolve) => {
          output.once('finish', resolve);
          output.end();
        }),
    );
    return pino(options, output);
  }
  return pino(options, pretty({ colorize: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', sync: true }));
}

function redactFields(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[deeper]';
  if (value instanceof Error) {
    const { name, message, stack = '', cause } = value;
    const code = 'code' in value && typeof value.code === 'string' ? value.code : undefined;
    const shown = { type: name, code, message, stack, cause: cause instanceof Error ? cause.message : undefined };
    return redactFields(shown, depth);
  }
  if (Array.isArray(value)) return value.map((item: unknown) => redactFields(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, redactFields(field, depth + 1)]));
}
