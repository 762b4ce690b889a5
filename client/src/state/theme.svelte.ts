const KEY = 'lanecast-theme';

/** Dark or light: the viewer's choice, else the system's. The page begins with what `public/theme.js` set. */
class Theme {
  current = $state<'dark' | 'light'>('dark');
  #media: MediaQueryList | null = null;

  start(): void {
    this.current = document.documentElement.dataset['theme'] === 'light' ? 'light' : 'dark';
    this.#media = matchMedia('(prefers-color-scheme: light)');
    this.#media.addEventListener('change', ({ matches }) => {
      if (this.#chosen() === null) this.#apply(matches ? 'light' : 'dark');
    });
  }

  toggle(): void {
    const next = this.current === 'dark' ? 'light' : 'dark';
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Storage may be forbidden: the choice then lives as long as the page.
    }
    this.#apply(next);
  }

  #chosen(): string | null {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  }

  #apply(theme: 'dark' | 'light'): void {
    this.current = theme;
    document.documentElement.dataset['theme'] = theme;
    document
      .querySelector('meta[name="theme-color"]')
      ?.setAttribute('content', theme === 'dark' ? '#090c11' : '#eef1f4');
  }
}

export const theme = new Theme();
