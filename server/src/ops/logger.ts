import { type Logger, type LoggerOptions, pino } from 'pino';
import pretty from 'pino-pretty';
import { redactText } from '../core/redact.js';

/**
 * The process's log: JSON lines, or readable ones on a terminal. Rubric: `info` is one line per change in the life of
 * a stream or of the server; `warn` is something an operator may want to act on; `error` is a defect of ours; nothing
 * is ever logged per frame. Whatever looks like a credential in a URL is removed from every message.
 */
export function createLogger(level: string): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    hooks: {
      logMethod(args, method) {
        const clean = args.map((arg: unknown) => (typeof arg === 'string' ? redactText(arg) : arg));
        method.apply(this, clean as typeof args);
      },
    },
  };
  if (!process.stdout.isTTY) return pino(options);
  return pino(options, pretty({ colorize: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', sync: true }));
}
