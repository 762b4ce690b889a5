const KEY = 'lanecast-lend';

/** Whether this page shall lend: `?lend=1` or `?lend=0` in the address (kiosks, tests), else what was chosen last; else not. */
export function lendPreference(query: string, storage: Pick<Storage, 'getItem'> | null): boolean {
  const given = new URLSearchParams(query).get('lend');
  if (given !== null) return given !== '0';
  try {
    return storage?.getItem(KEY) === 'yes';
  } catch {
    return false;
  }
}

/** Remembers the choice, where that is allowed. */
export function rememberLending(wanted: boolean, storage: Pick<Storage, 'setItem'> | null): void {
  try {
    storage?.setItem(KEY, wanted ? 'yes' : 'no');
  } catch {
    // Storage may be forbidden: the choice then lives as long as the page.
  }
}

/** Which detector, for tests: `?lend-backend=wasm`. */
export function lendBackend(query: string): 'auto' | 'webgpu' | 'wasm' {
  const given = new URLSearchParams(query).get('lend-backend');
  return given === 'wasm' || given === 'webgpu' ? given : 'auto';
}
