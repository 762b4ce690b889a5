// Builds the addon and, where nvcc is, the CUDA library. Runs at `npm install`, which never fails for it: without a
// compiler Lanecast uses the TypeScript implementation. `--strict`: failing is an error.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildCuda } from './build-cuda.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const strict = process.argv.includes('--strict');

const has = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

/** Why the addon cannot be built here; null: it can. */
function missingTool() {
  if (!has('cmake')) return 'cmake is missing';
  if (!has(process.env['CXX'] ?? 'c++') && !has('g++') && !has('clang++')) return 'a C++ compiler is missing';
  if (!has('make') && !has('ninja')) return 'make or ninja is missing';
  return null;
}

/** null, or what failed. */
function buildAddon() {
  const missing = missingTool();
  if (missing) return missing;
  const { include_dir: includeDirectory } = require('node-addon-api');
  const command = [
    require.resolve('cmake-js/bin/cmake-js'),
    'compile',
    '--directory',
    root,
    '--parallel',
    '2',
    `--CDNODE_ADDON_API_DIR=${join(root, includeDirectory.startsWith('/') ? '' : '')}${includeDirectory}`,
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
  if (status === 0) return null;
  return `the build failed:\n${stdout}${stderr}`;
}

const problem = buildAddon();
if (problem === null) {
  console.log('lanecast: built the NMS addon (C++).');
  console.log(`lanecast: ${buildCuda(root)}`);
} else {
  console.log(
    `lanecast: the NMS addon was not built (${problem}). The TypeScript implementation is used instead. ` +
      'For the C++ one: scripts/setup-system, then npm rebuild @lanecast/native.',
  );
  if (strict) process.exitCode = 1;
}
