// Chosen theme, else the system's; see src/state/theme.svelte.ts, which changes it.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('lanecast-theme');
  } catch {
    // Storage may be forbidden: the system's theme then.
  }
  const light = chosen === 'light' || (chosen !== 'dark' && matchMedia('(prefers-color-scheme: light)').matches);
  document.documentElement.dataset.theme = light ? 'light' : 'dark';
})();
