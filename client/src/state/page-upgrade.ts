/** What is asked of the browser. */
export interface PageHost {
  /** The page that the server has now, as HTML. Rejects when it does not give one. */
  servedHtml(): Promise<string>;
  /** The address of this page's script. */
  ownScript(): string | null;
  /** Somebody would be disturbed: writes into a form, or has the page full screen, whither no page returns by itself. */
  isBusy(): boolean;
  reload(): void;
  /** Of this tab; null: forbidden. */
  storage: Pick<Storage, 'getItem' | 'setItem'> | null;
}

const RELOADED_FOR = 'lanecast.reloadedFor';

/**
 * Loads the page anew when the server was upgraded: nobody stands at a wall to do so, and an old page may not understand a
 * new server. Once for each version, so that a cache that gives old pages makes no loop.
 */
export class PageUpgrade {
  readonly #host: PageHost;
  #restarted = false;
  #newScript: string | null = null;

  constructor(host: PageHost = browserHost()) {
    this.#host = host;
  }

  /** Another server answers: it may have another page. */
  serverRestarted(): void {
    this.#restarted = true;
  }

  /** To be called now and then while the server answers. Never rejects. */
  async tend(): Promise<void> {
    if (this.#restarted) await this.#look();
    if (this.#newScript === null || this.#host.isBusy()) return;
    const { storage } = this.#host;
    // Without storage nothing would end a loop.
    if (!storage || storage.getItem(RELOADED_FOR) === this.#newScript) return;
    storage.setItem(RELOADED_FOR, this.#newScript);
    this.#host.reload();
  }

  async #look(): Promise<void> {
    const html = await this.#host.servedHtml().catch(() => null);
    if (html === null) return;
    this.#restarted = false;
    const script = scriptOf(html);
    this.#newScript = script !== null && script !== this.#host.ownScript() ? script : null;
  }
}

/** The module that a page begins with: its name has a digest of all that it loads (Vite). null: there is none. */
export function scriptOf(html: string): string | null {
  return /<script\b[^>]*\btype="module"[^>]*\bsrc="([^"]+)"/.exec(html)?.[1] ?? null;
}

function browserHost(): PageHost {
  return {
    servedHtml: async () => {
      const response = await fetch('/', { cache: 'no-store', signal: AbortSignal.timeout(6000) });
      if (!response.ok) throw new Error(`/ answered ${response.status}`);
      return response.text();
    },
    ownScript: () => document.querySelector('script[type="module"][src]')?.getAttribute('src') ?? null,
    isBusy: () => document.fullscreenElement !== null || document.querySelector('dialog[open]') !== null,
    reload: () => location.reload(),
    get storage() {
      try {
        return sessionStorage;
      } catch {
        return null;
      }
    },
  };
}
