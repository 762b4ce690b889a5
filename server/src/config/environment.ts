import { nearest } from './nearest.js';
import { SETTINGS, valueOfText } from './settings.js';

/** The variable that many know by this name, beside the one that the rule gives it. */
const TOKEN_VARIABLE = 'LANECAST_TOKEN';
const SECTIONS = new Set(SETTINGS.map(({ section }) => `LANECAST_${section.toUpperCase()}_`));

/**
 * What the environment says: `LANECAST_<SECTION>_<KEY>` sets `section.key`; an empty variable says nothing. `variables`
 * tells which one each setting (`section.key`) came from.
 */
export function readEnvironment(environment: NodeJS.ProcessEnv): {
  raw: Record<string, Record<string, unknown>>;
  variables: ReadonlyMap<string, string>;
} {
  const raw: Record<string, Record<string, unknown>> = {};
  const variables = new Map<string, string>();
  for (const { section, key, path, variable, kind } of SETTINGS) {
    const names = path === 'server.token' ? [variable, TOKEN_VARIABLE] : [variable];
    const name = names.find((candidate) => environment[candidate]);
    if (name === undefined) continue;
    raw[section] = { ...raw[section], [key]: valueOfText(kind, environment[name]!) };
    variables.set(path, name);
  }
  return { raw, variables };
}

/**
 * Variables that look like settings but are none, one line each. They are no error: a cluster may set variables of its
 * own by such names.
 */
export function strayVariables(environment: NodeJS.ProcessEnv): string[] {
  const known = SETTINGS.map(({ variable }) => variable);
  return Object.keys(environment)
    .filter((name) => [...SECTIONS].some((prefix) => name.startsWith(prefix)) && !known.includes(name))
    .sort()
    .map((name) => {
      const meant = nearest(name, known);
      return `the environment variable ${name} is no setting and does nothing${meant === null ? '' : ` (did you mean ${meant}?)`}`;
    });
}
