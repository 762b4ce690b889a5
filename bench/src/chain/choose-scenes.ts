import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { syntheticModel } from '@lanecast/scripts/demo/synthetic-model';
import { LanecastError } from '@lanecast/server/core/errors';
import { existsSync } from 'node:fs';
import type { ChainScene } from './scene.js';
import { syntheticScene } from './synthetic-scene.js';
import { worldScenes } from './world-scene.js';

/** `bench/dist/chain/` -> the clips of the simulated world. */
const WORLD_CLIPS = fileURLToPath(new URL('../../../scripts/world/clips', import.meta.url));
const SYNTHETIC_SEEDS = [1, 2, 3, 4];

export interface ChosenScenes {
  scenes: ChainScene[];
  /** The detector that belongs to them; undefined: the installed one. */
  model: string | undefined;
  /** One line for people. */
  description: string;
}

/**
 * The scenes of a directory; else those of the simulated world; else synthetic ones, with a detector that knows them.
 * Throws a LanecastError `chain-clips` if there is no clip with its truth, or none of these names.
 */
export async function chooseScenes(options: { clips?: string; scenes?: readonly string[] }): Promise<ChosenScenes> {
  const directory =
    options.clips === undefined ? (existsSync(WORLD_CLIPS) ? WORLD_CLIPS : null) : resolve(options.clips);
  const wanted = (name: string): boolean => options.scenes?.includes(name) ?? true;
  if (directory === null) {
    const scenes = await Promise.all(SYNTHETIC_SEEDS.map((seed) => syntheticScene({ seed })));
    return {
      scenes: atLeastOne(
        scenes.filter(({ name }) => wanted(name)),
        'among the synthetic ones',
      ),
      model: syntheticModel(),
      description: 'synthetic rectangles (no clips of the simulated world are here), found by a matched filter',
    };
  }
  const scenes = atLeastOne(
    worldScenes(directory).filter(({ name }) => wanted(name)),
    `in ${directory}`,
  );
  return { scenes, model: undefined, description: `${scenes.length} in ${directory}` };
}

function atLeastOne(scenes: ChainScene[], where: string): ChainScene[] {
  if (scenes.length > 0) return scenes;
  throw new LanecastError(
    'chain-clips',
    `there is no clip with its truth ${where}: check --clips and --scenes, or run "npm run world"`,
  );
}
