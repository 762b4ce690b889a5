/** Where generated clips are kept between runs. */
import { mkdir } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** The user's cache directory, made if need be; where that cannot be written, one in the system's temporary directory. */
export async function clipCacheDirectory(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const base = env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const preferred = join(base, 'lanecast', 'clips');
  try {
    await mkdir(preferred, { recursive: true, mode: 0o700 });
    return preferred;
  } catch {
    const fallback = join(tmpdir(), `lanecast-clips-${process.getuid?.() ?? 'user'}`);
    await mkdir(fallback, { recursive: true, mode: 0o700 });
    return fallback;
  }
}
