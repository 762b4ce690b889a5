import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import { Calibration, HomographyCalibration, ScaleCalibration } from '@lanecast/server/config/calibration';
import { DESCRIPTIONS } from '@lanecast/server/config/descriptions';
import { Config } from '@lanecast/server/config/schema';

type Node = JsonSchema & { properties?: Record<string, Node>; items?: Node; required?: string[] };

/** What JSON Schema cannot say (that points span a plane, that ids differ) is left to the server. */
const convert = (schema: Parameters<typeof toJsonSchema>[0]): Node =>
  toJsonSchema(schema, {
    typeMode: 'input',
    errorMode: 'ignore',
    overrideSchema: ({ valibotSchema }) =>
      valibotSchema === (Calibration as unknown)
        ? { anyOf: [convert(ScaleCalibration), convert(HomographyCalibration)].map(withoutDialect) }
        : undefined,
  }) as Node;

/** The JSON Schema (draft-07) of `lanecast.yaml`, with descriptions: for editors. */
export function configJsonSchema(): Node {
  const schema = convert(Config);
  const sections = schema.properties ?? {};
  for (const [section, node] of Object.entries(sections)) {
    for (const [key, entry] of Object.entries((node.items ?? node).properties ?? {})) {
      const description = DESCRIPTIONS[`${section}.${key}`];
      if (description !== undefined) entry.description = description;
    }
    // Absent sections are full of defaults; said for each setting, not as `{}`.
    delete node.default;
  }
  // Left over from the calibration, which stands where it is used.
  delete schema.$defs;
  return { ...schema, title: 'lanecast.yaml' };
}

/** The same as text; Prettier gives it its final form. */
export const configJsonSchemaText = (): string => JSON.stringify(configJsonSchema(), null, 2);

function withoutDialect(node: Node): Node {
  const rest = { ...node };
  delete rest['$schema'];
  return rest;
}
