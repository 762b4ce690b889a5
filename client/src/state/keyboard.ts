import { cameraManager } from '../cameras/camera-manager.svelte.js';
import { dashboard } from './dashboard.svelte.js';
import { neighbour } from './neighbour.js';
import { theme } from './theme.svelte.js';

/** The keys, as the help shows them. */
export const KEYS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['1', '…', '9'], 'Show that camera large'],
  [['←', '→'], 'The camera before or after'],
  [['Enter'], 'Show the camera with the frame around it large'],
  [['Esc'], 'Back to the wall'],
  [['L'], 'Labels on or off'],
  [['R'], 'Trails on or off'],
  [['M'], 'Smooth or fastest video'],
  [['C'], 'Cameras: add, change, remove'],
  [['S'], 'Statistics'],
  [['T'], 'Light or dark'],
  [['F'], 'Full screen'],
  [['?'], 'These keys'],
];

export function toggleFullscreen(): void {
  // Refused without a user's gesture, or where the system has none: nothing to do about it.
  const done = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
  done.catch(() => undefined);
}

/** Handles a key of the page; keys meant for a form field or a shortcut of the browser are left alone. */
export function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target instanceof HTMLInputElement || dashboard.login !== 'no' || cameraManager.open) return;
  if (!act(event.key)) return;
  event.preventDefault();
}

function act(key: string): boolean {
  const { streams } = dashboard;
  const number = /^[1-9]$/.test(key) ? Number(key) : 0;
  if (number > 0) {
    if (number > streams.length) return false;
    dashboard.focus(streams[number - 1]!.id);
    return true;
  }
  switch (key) {
    case 'Escape':
      if (dashboard.helpOpen) dashboard.helpOpen = false;
      else if (dashboard.focusedId !== null) dashboard.focus(null);
      else if (dashboard.drawerOpen) dashboard.drawerOpen = false;
      else return false;
      return true;
    case 'ArrowRight':
    case 'ArrowLeft': {
      if (dashboard.focusedId === null || streams.length === 0) return false;
      const index = streams.findIndex(({ id }) => id === dashboard.focusedId);
      dashboard.focus(streams[neighbour(index, streams.length, key === 'ArrowRight' ? 1 : -1)]!.id);
      return true;
    }
    case '?':
      dashboard.helpOpen = !dashboard.helpOpen;
      return true;
  }
  switch (key.toLowerCase()) {
    case 'l':
      dashboard.labels = !dashboard.labels;
      return true;
    case 'r':
      dashboard.trails = !dashboard.trails;
      return true;
    case 'm':
      dashboard.link.setMode(dashboard.link.mode === 'smooth' ? 'fastest' : 'smooth');
      return true;
    case 'c':
      cameraManager.show();
      return true;
    case 's':
      dashboard.drawerOpen = !dashboard.drawerOpen;
      return true;
    case 't':
      theme.toggle();
      return true;
    case 'f':
      toggleFullscreen();
      return true;
    default:
      return false;
  }
}
