/** Which paths are published right now. */
import type { Mount } from './mount.js';
import { controlBelow } from './request-url.js';

interface Entry {
  mount: Mount;
  /** Closes the publisher's connection. */
  evict: () => void;
}

export class MountTable {
  readonly #entries = new Map<string, Entry>();

  /** Publishes `mount`; a publisher that held the path is closed, and its readers with it. */
  publish(mount: Mount, evict: () => void): void {
    const previous = this.#entries.get(mount.path);
    this.#entries.set(mount.path, { mount, evict });
    previous?.mount.close();
    previous?.evict();
  }

  /** Takes `mount` away, if it still holds its path, and ends its readers. */
  withdraw(mount: Mount): void {
    if (this.#entries.get(mount.path)?.mount === mount) this.#entries.delete(mount.path);
    mount.close();
  }

  /** The mount that a request path names, and the control that follows its path (empty for the mount itself). */
  resolve(path: string): { mount: Mount; control: string } | null {
    let best: { mount: Mount; control: string } | null = null;
    for (const { mount } of this.#entries.values()) {
      const control = controlBelow(mount.path, path);
      if (control !== null && (best === null || mount.path.length > best.mount.path.length)) best = { mount, control };
    }
    return best;
  }

  mounts(): Mount[] {
    return [...this.#entries.values()].map((entry) => entry.mount);
  }
}
