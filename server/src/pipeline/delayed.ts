import { seededRandom } from '../core/random.js';

/** For tests: what is handed on comes later by a random time of up to `maxDelayMs`, in its order. */
export function delayed<Item>(handle: (item: Item) => void, maxDelayMs: number, seed = 1): (item: Item) => void {
  const random = seededRandom(seed);
  let last: Promise<void> = Promise.resolve();
  return (item) => {
    const delay = new Promise<void>((resolve) => void setTimeout(resolve, random() * maxDelayMs));
    last = Promise.all([last, delay]).then(() => handle(item));
  };
}
