/**
 * The URL of a worker's script, given the URL of the module that starts it. Worker threads run compiled JavaScript:
 * when the starting module itself runs from TypeScript source (tests), `<workspace>/src/` becomes `<workspace>/dist/`.
 */
export function workerUrl(moduleUrl: string, relativePath: string): URL {
  const url = new URL(relativePath, moduleUrl);
  if (moduleUrl.endsWith('.ts')) {
    const at = url.pathname.lastIndexOf('/src/');
    if (at >= 0) url.pathname = `${url.pathname.slice(0, at)}/dist/${url.pathname.slice(at + '/src/'.length)}`;
  }
  return url;
}
