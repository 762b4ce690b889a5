/** `npm run demo`: RTSP server, looped clips and Lanecast, all in one process tree, until Ctrl-C. */
import { Command } from 'commander';
import { addDetectorFlags, type DetectorFlags, detectorSettings } from '@lanecast/server/config/flags';
import { validateConfig } from '@lanecast/server/config/load';
import { LanecastError } from '@lanecast/server/core/errors';
import { findDefaultModel } from '@lanecast/server/pipeline/locate-model';
import { runServer } from '@lanecast/server/server';
import { resolveClips } from './clips/resolve-clips.js';
import { runCommand, secondsFlag, wholeNumber } from './command-line.js';
import { DemoCheck } from './demo/check.js';
import { syntheticModel } from './demo/synthetic-model.js';
import { worldScene } from './demo/world-calibration.js';
import { startStreams } from './streams/start-streams.js';

interface Flags extends DetectorFlags {
  streams: number;
  port: number;
  clips?: string;
  seconds?: number;
  debugFrameNumbers?: boolean;
  webrtc?: boolean;
  check?: boolean;
}

const command = new Command('demo')
  .description('Publishes looped clips over RTSP and shows what Lanecast makes of them, until Ctrl-C.')
  .option('--streams <n>', 'how many', wholeNumber(1, 64), 8)
  .option('--port <port>', 'HTTP port', wholeNumber(0, 65_535), 8080)
  .option('--clips <dir>', 'directory of clips; default: scripts/world/clips, else videos/, else synthetic ones')
  .option('--no-webrtc', 'no live video by WebRTC: motion JPEG only')
  .option('--debug-frame-numbers', 'read the frame counter of the clips; adds frameNo to track messages')
  .option('--seconds <s>', 'end after so long', secondsFlag)
  .option('--check', 'with --seconds: exit 1, with the reason, unless every stream produced frames and tracks')
  .allowExcessArguments(false);

const say = (line: string): void => void process.stdout.write(`${line}\n`);

await runCommand(async () => {
  const flags = addDetectorFlags(command).parse().opts<Flags>();
  if (flags.check && flags.seconds === undefined) {
    throw new LanecastError('flag-invalid', '--check needs --seconds: when shall it look?');
  }
  const clips = await resolveClips({ count: flags.streams, directory: flags.clips });
  const detector = detectorSettings(flags);
  if (
    !detector['model'] &&
    detector['mode'] !== 'none' &&
    findDefaultModel() === null &&
    clips.source === 'synthetic'
  ) {
    detector['model'] = syntheticModel();
    say(
      'detector:  no model is installed: a matched filter finds the rectangles of the synthetic clips (--model FILE names a real one)',
    );
  }
  say(`clips:     ${clips.description}`);
  // An embedded server on a free port: the demo meddles with nothing that runs already.
  const streams = await startStreams({ count: flags.streams, clips: clips.paths, server: 'embedded', log: say });
  try {
    say(`publisher: ${streams.publisher}`);
    const server = await runServer(
      validateConfig({
        streams: demoStreams(streams.urls, clips.paths),
        server: { port: flags.port },
        webrtc: { enabled: flags.webrtc !== false },
        debug: { frameNumbers: flags.debugFrameNumbers === true },
        detector,
      }),
    );
    const check = flags.check ? new DemoCheck(server.pipeline) : null;
    say(`\n  Lanecast is at ${server.url}/   (Ctrl-C ends it)\n`);
    if (flags.seconds !== undefined) {
      const timer = setTimeout(() => void server.close(), flags.seconds * 1000);
      // The verdict is taken before the streams are torn down.
      if (check) setTimeout(() => report(check), Math.max(0, flags.seconds * 1000 - 10));
      await server.finished;
      clearTimeout(timer);
    } else {
      await server.finished;
    }
  } finally {
    await streams.close();
  }
});

/** Streams of the world bear its scenes' names and calibrations; others are numbered. */
function demoStreams(urls: readonly string[], clips: readonly string[]) {
  return urls.map((url, i) => {
    const scene = worldScene(clips[i % clips.length]!);
    if (!scene) return { id: `stream${i}`, url };
    const again = Math.floor(i / clips.length);
    return { id: again ? `${scene.name}-${again + 1}` : scene.name, url, calibration: scene.calibration };
  });
}

function report(check: DemoCheck): void {
  for (const line of check.summary()) say(line);
  const faults = check.finish();
  for (const fault of faults) process.stderr.write(`check failed: ${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
  else say('check passed: every stream produced frames and tracks');
}
