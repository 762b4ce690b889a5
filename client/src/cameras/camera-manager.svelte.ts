import { dashboard } from '../state/dashboard.svelte.js';
import { session } from '../state/session.svelte.js';
import { cameraApi, problemOf } from './camera-api.js';
import type { CameraConfig, ServerConfig } from './camera-types.js';
import { warningOf, whyNotChange } from './may-change.js';
import { type Said, wordsOf } from './problem-words.js';

export type ManagerView =
  { kind: 'list' } | { kind: 'form'; camera: CameraConfig | null } | { kind: 'remove'; id: string };

/** The dialog in which cameras are added, changed and removed. The wall follows by itself, here and on other pages. */
class CameraManager {
  open = $state(false);
  view = $state.raw<ManagerView>({ kind: 'list' });
  config = $state.raw<ServerConfig | null>(null);
  /** Why the cameras could not be asked for. */
  failure = $state.raw<Said | null>(null);
  /** What was done last, in words. */
  done = $state('');
  #loads = 0;

  /** null: cameras can be changed from here. */
  get whyNot(): string | null {
    return whyNotChange(session.current, this.config);
  }

  get warning(): string | null {
    return warningOf(this.config);
  }

  /** Opens the list, or at once the form of a new camera. */
  show(what: 'list' | 'add' = 'list'): void {
    this.done = '';
    this.view = what === 'add' ? { kind: 'form', camera: null } : { kind: 'list' };
    this.open = true;
  }

  close(): void {
    this.open = false;
  }

  async load(): Promise<void> {
    const load = ++this.#loads;
    try {
      const [config] = await Promise.all([cameraApi.config(), session.load()]);
      // An answer that was overtaken may be of before a change.
      if (load !== this.#loads) return;
      this.config = config;
      this.failure = null;
    } catch (error) {
      if (load === this.#loads) this.failure = wordsOf(problemOf(error));
    }
  }

  /** Saves a camera in the place of `old`, or as a new one. Resolves to what is wrong; null: it is done. */
  save(camera: CameraConfig, old: CameraConfig | null): Promise<Said | null> {
    const [call, word] = old ? [cameraApi.replace, 'was changed'] : [cameraApi.add, 'was added'];
    return this.#change(() => call(camera), `${camera.id} ${word}`);
  }

  remove(id: string): Promise<Said | null> {
    return this.#change(() => cameraApi.remove(id), `${id} was removed`);
  }

  async #change(call: () => Promise<{ persisted: boolean }>, words: string): Promise<Said | null> {
    const { view } = this;
    try {
      const { persisted } = await call();
      this.done = persisted ? words : `${words}, until the server ends`;
    } catch (error) {
      const problem = problemOf(error);
      // Somebody was quicker: what is shown is of before.
      if (problem.code === 'stream-unknown') void this.load();
      return wordsOf(problem);
    }
    dashboard.refresh();
    await this.load();
    // Nobody who went on meanwhile loses what is being typed now.
    if (this.view === view) this.view = { kind: 'list' };
    return null;
  }
}

export const cameraManager = new CameraManager();
