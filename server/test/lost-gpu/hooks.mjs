// Module hooks for tests: CUDA seems to be there, sessions on it do not start, and it is broken for the process from then on.
const native = new URL('../../../native/dist/index.js', import.meta.url).href;
const provider = new URL('../../dist/detect/execution-provider.js', import.meta.url).href;

export async function load(url, context, next) {
  if (url === native) {
    const source = `export * from '${native}?real'; export const cudaFault = () => 'an illegal memory access was encountered';`;
    return { format: 'module', shortCircuit: true, source };
  }
  if (url === provider)
    return { format: 'module', shortCircuit: true, source: 'export const cudaMissingReason = () => null;' };
  return next(url, context);
}
