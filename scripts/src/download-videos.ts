/** `npm run download-videos`: brings free traffic videos and cuts eight clips for the demo from them, into `videos/`. */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { LanecastError } from '@lanecast/server/core/errors';
import { runCommand } from './command-line.js';
import { findFfmpeg } from './publish/ffmpeg-binary.js';
import { fetchFile } from './videos/fetch-file.js';
import { makeClips, type SourceVideo } from './videos/make-clips.js';
import { SOURCES } from './videos/sources.js';

interface Options {
  from?: string[];
  out: string;
}

const CLIP_COUNT = 8;
const VIDEOS_DIRECTORY = fileURLToPath(new URL('../../videos', import.meta.url));

const program = new Command('download-videos')
  .description('Downloads free traffic videos and cuts them into eight clips: 640x360, 25 fps, up to 20 s.')
  .option('--from <file...>', 'cut these files instead of downloading')
  .option('--out <dir>', 'where the clips go', VIDEOS_DIRECTORY)
  .allowExcessArguments(false);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The videos of the list, downloaded into a folder below `out`, which holds no clips itself. */
async function download(out: string): Promise<SourceVideo[]> {
  const directory = join(out, 'sources');
  await mkdir(directory, { recursive: true });
  const videos: SourceVideo[] = [];
  for (const { name, url, licence, attribution, minBytes } of SOURCES) {
    const path = join(directory, name);
    say(`${name}: ${attribution}; ${licence}`);
    const outcome = await fetchFile({ url, path, minBytes });
    say(`${name}: ${outcome}`);
    videos.push({ path, licence, attribution });
  }
  return videos;
}

await runCommand(async () => {
  const { from, out } = program.parse().opts<Options>();
  const { binary, description } = await findFfmpeg();
  if (binary === null) {
    throw new LanecastError('ffmpeg-missing', `Cutting clips needs ffmpeg. ${description}. Run scripts/setup-system.`);
  }
  const own = from?.map((path) => ({ path: resolve(path), licence: 'your own file', attribution: '' }));
  const videos = own ?? (await download(out));
  await makeClips({ ffmpeg: binary, videos, directory: out, count: CLIP_COUNT, log: say });
  say(`${CLIP_COUNT} clips in ${out}`);
});
