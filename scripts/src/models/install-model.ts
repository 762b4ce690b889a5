/** Puts models where the server finds them by name. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describeModel, type ModelDescription } from '@lanecast/models/describe';
import { LanecastError } from '@lanecast/server/core/errors';
import { fetchFile } from '../videos/fetch-file.js';
import type { CatalogueEntry } from './catalogue.js';

export interface InstalledModel {
  path: string;
  description: ModelDescription;
}

/**
 * Downloads a model of the catalogue into `directory`; what is there with the right hash stays.
 * @throws LanecastError `download-failed`, `model-hash` (the file is another one; it is not kept), and a ModelError of
 * `describeModel`.
 */
export async function fetchModel(
  entry: CatalogueEntry,
  directory: string,
  fetch?: typeof globalThis.fetch,
): Promise<InstalledModel & { fetched: boolean }> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${entry.name}.onnx`);
  const { url, minBytes, sha256 } = entry;
  const advice = 'or bring an ONNX export of your own: npm run models:fetch -- --from FILE.';
  const outcome = await fetchFile({ url, path, minBytes, advice, ...(fetch && { fetch }) });
  const found = await hashOf(path);
  if (found !== sha256) {
    await rm(path, { force: true });
    throw new LanecastError(
      'model-hash',
      `Checking ${url}: its sha256 is ${found}, not the pinned ${sha256}. The file was not kept; ` +
        'if you trust it, download it yourself and use --from FILE.',
    );
  }
  return { path, description: describeModel(path), fetched: outcome === 'fetched' };
}

/**
 * Copies a local export, or a pipeline model, into `directory` under its own name, if it is one.
 * @throws a ModelError of `describeModel`.
 */
export async function installModel(file: string, directory: string): Promise<InstalledModel> {
  const description = describeModel(file);
  await mkdir(directory, { recursive: true });
  const path = join(directory, basename(file));
  const temporary = `${path}.${process.pid}.tmp`;
  await copyFile(file, temporary);
  await rename(temporary, path);
  return { path, description };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
