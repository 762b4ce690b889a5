// Builds the addon and, where nvcc is, the CUDA library. Runs at `npm install`, which never fails for it: without a
// compiler Lanecast uses the TypeScript implementation. `--strict`: failing is an error.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildCuda } from './build-cuda.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const strict = process.argv.includes('--strict');

const has = (command) => command && spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

/** Why the addon cannot be built here; null: it can. */
function missingTool() {
  if (!has('cmake')) return 'cmake is missing';
  if (![process.env['CXX'], 'c++', 'g++', 'clang++'].some(has)) return 'a C++ compiler is missing';
  if (!has('make') && !has('ninja')) return 'make or ninja is missing';
  return null;
}

/** null, or what failed. */
function buildAddon() {
  const missing = missingTool();
  if (missing) return missing;
  // The directory is relative to the working directory, which is `root` under npm but not by hand.
  const headers = resolve(require('node-addon-api').include_dir);
  const command = [require.resolve('cmake-js/bin/cmake-js'), 'compile', '--directory', root, '--parallel', '2'];
  command.push(`--CDNODE_ADDON_API_DIR=${headers}`);
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
  return status === 0 ? null : `the build failed:\n${stdout}${stderr}`;
}

function build() {
  let problem;
  try {
    problem = buildAddon();
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  if (problem === null) return { built: true, text: `built the NMS addon (C++); ${buildCuda(root)}` };
  const fix = 'For the C++ one: scripts/setup-system, then npm rebuild @lanecast/native.';
  return {
    built: false,
    text: `the NMS addon was not built (${problem}). The TypeScript implementation is used instead. ${fix}`,
  };
}

const { built, text } = build();
const report = `lanecast: ${text}\n`;
mkdirSync(join(root, 'build'), { recursive: true });
writeFileSync(join(root, 'build', 'report.txt'), report);
process.stdout.write(report);
if (strict && !built) process.exitCode = 1;
