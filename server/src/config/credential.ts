import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A secret that the service manager hands over as a file (`LoadCredential=`, systemd.exec(5)): unlike the environment
 * it is not inherited and not in /proc. Undefined where there is none.
 */
export function readCredential(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const directory = environment['CREDENTIALS_DIRECTORY'];
  if (!directory) return undefined;
  try {
    return readFileSync(join(directory, name), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
