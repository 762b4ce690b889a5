import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces a file whole (written beside it, flushed, renamed): a crash or a full disk leaves the old one, and nothing
 * beside it. Rejects with the file system's error. One writer at a time.
 * @param mode of the new file; what the process' umask would take away is kept
 */
export async function replaceFile(path: string, text: string, mode = 0o600): Promise<void> {
  const directory = dirname(path);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w', mode);
    try {
      await file.writeFile(text);
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    // Something else of that name stays; the first error is the one to tell.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  // The name, too, must survive a power cut; where directories cannot be flushed the rename has to do.
  const handle = await open(directory, 'r');
  await handle.sync().catch(() => undefined);
  await handle.close();
}
