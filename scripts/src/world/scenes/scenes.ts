/** The eight scenes, in the order in which they are shown. */
import { LanecastError } from '@lanecast/server/core/errors';
import { bend } from './bend.js';
import { junction } from './junction.js';
import { motorway } from './motorway.js';
import { nightStreet } from './night.js';
import { overhead } from './overhead.js';
import { rain } from './rain.js';
import { roundabout } from './roundabout.js';
import { sideStreet } from './side-street.js';
import type { Scene } from './world.js';

export const SCENES: readonly Scene[] = [motorway, bend, junction, roundabout, sideStreet, nightStreet, rain, overhead];

/** A scene by its name, or by the part of it that has no number. @throws LanecastError `world-scene`, listing them. */
export function sceneNamed(name: string): Scene {
  const scene = SCENES.find((one) => one.name === name || one.name.slice(3) === name);
  if (scene) return scene;
  const names = SCENES.map((one) => one.name).join(', ');
  throw new LanecastError('world-scene', `There is no scene ${name}. There are: ${names}.`);
}
