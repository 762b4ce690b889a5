import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** The server's version, from its package.json. */
export const VERSION: string = (manifest as { version: string }).version;

/** Of this process, at random: another one after a restart. */
export const INSTANCE: string = randomUUID();
