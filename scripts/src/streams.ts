/** `npm run streams`: publishes looped clips to an RTSP server until Ctrl-C. */
import { Command } from 'commander';
import { resolveClips } from './clips/resolve-clips.js';
import { runCommand, untilStopped, wholeNumber } from './command-line.js';
import { redactText } from '@lanecast/server/core/redact';
import { DEFAULT_RTSP_BASE } from './streams/choose-server.js';
import { startStreams } from './streams/start-streams.js';

interface Options {
  streams: number;
  clips?: string;
  rtspBase: string;
}

const program = new Command('streams')
  .description('Publishes looped clips as stream0, stream1, ... to an RTSP server, in real time, until Ctrl-C.')
  .option('--streams <n>', 'how many', wholeNumber(1, 256), 8)
  .option('--clips <dir>', 'directory of clips; default: scripts/world/clips, else videos/, else synthetic ones')
  .option('--rtsp-base <url>', 'the server: a running one, else it is started there', DEFAULT_RTSP_BASE)
  .allowExcessArguments(false);

function say(line: string): void {
  process.stdout.write(`${redactText(line)}\n`);
}

await runCommand(async () => {
  const options = program.parse().opts<Options>();
  const stopped = untilStopped();
  const clips = await resolveClips({ count: options.streams, directory: options.clips });
  say(`clips:     ${clips.description}`);
  const running = await startStreams({
    count: options.streams,
    clips: clips.paths,
    base: options.rtspBase,
    log: say,
  });
  say(`server:    ${running.server.description}`);
  say(`publisher: ${running.publisher}`);
  for (const url of running.urls) say(`  ${url}`);
  say('Ctrl-C stops them.');
  await stopped;
  say('stopping');
  await running.close();
});
