/**
 * WebAssembly threads for a machine with so many cores: two are left to the page and its video, but two threads are
 * used where there are two cores, and never more than four, from where on small networks gain nothing. One where the
 * page is not cross-origin isolated: threads need shared memory.
 */
export function threadCount(cores: number, crossOriginIsolated: boolean): number {
  if (!crossOriginIsolated) return 1;
  return Math.min(4, Math.max(Math.min(2, cores), cores - 2));
}
