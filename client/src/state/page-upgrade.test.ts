import { beforeEach, expect, it } from 'vitest';
import { PageUpgrade, scriptOf } from './page-upgrade.js';

const page = (script: string): string =>
  `<head><script src="/theme.js"></script><script type="module" crossorigin src="${script}"></script></head>`;

let served: () => string;
let busy = false;
let reloads = 0;
let storage: Map<string, string> | null;
const open = (ownScript: string): PageUpgrade =>
  new PageUpgrade({
    servedHtml: () => Promise.resolve().then(served),
    ownScript: () => ownScript,
    isBusy: () => busy,
    reload: () => reloads++,
    storage: storage && { getItem: (key) => storage!.get(key) ?? null, setItem: (key, v) => void storage!.set(key, v) },
  });

beforeEach(() => {
  served = () => page('/assets/index-new.js');
  busy = false;
  reloads = 0;
  storage = new Map();
});

it('finds the script that a page begins with', () => {
  expect(scriptOf(page('/assets/index-CIPu7RFd.js'))).toBe('/assets/index-CIPu7RFd.js');
  expect(scriptOf('<script src="/theme.js"></script>')).toBe(null);
});

it('loads the page anew after an upgrade, and not after a mere restart', async () => {
  const old = open('/assets/index-old.js');
  await old.tend();
  expect(reloads).toBe(0);
  old.serverRestarted();
  await old.tend();
  expect(reloads).toBe(1);
  const current = open('/assets/index-new.js');
  current.serverRestarted();
  await current.tend();
  expect(reloads).toBe(1);
});

it('waits until the server gives its page, and until nobody is disturbed', async () => {
  const upgrade = open('/assets/index-old.js');
  served = () => {
    throw new Error('503');
  };
  upgrade.serverRestarted();
  await upgrade.tend();
  served = () => page('/assets/index-new.js');
  busy = true;
  await upgrade.tend();
  await upgrade.tend();
  expect(reloads).toBe(0);
  busy = false;
  await upgrade.tend();
  expect(reloads).toBe(1);
});

it('makes no loop where a cache goes on giving the old page', async () => {
  for (let i = 0; i < 3; i++) {
    const again = open('/assets/index-old.js');
    again.serverRestarted();
    await again.tend();
  }
  expect(reloads).toBe(1);
  storage = null;
  const forgetful = open('/assets/index-old.js');
  forgetful.serverRestarted();
  await forgetful.tend();
  expect(reloads).toBe(1);
});
