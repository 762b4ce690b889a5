/** `npm run bench:chain`: detection, tracking and speed together, against the truth of the scenes. */
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { runCommand, wholeNumber } from '@lanecast/scripts/command-line';
import { addDetectorFlags, type DetectorFlags, detectorSettings, numberFlag } from '@lanecast/server/config/flags';
import { trackerSettings } from '@lanecast/server/pipeline/tracker-settings';
import { validateConfig } from '@lanecast/server/config/load';
import type { Config } from '@lanecast/server/config/schema';
import { seededRandom } from '@lanecast/server/core/random';
import { chooseScenes } from './chain/choose-scenes.js';
import { FrameDetector } from './chain/frame-detector.js';
import { detectScene, trackScene, truthAsDetections } from './chain/offline.js';
import { runRealtime } from './chain/realtime.js';
import { formatScores, type SceneScore } from './chain/report.js';
import type { ChainScene } from './chain/scene.js';
import { addScenes, countScene, type SceneCounts, scoreOf } from './chain/score.js';
import { describeMachine } from './machine.js';

interface Flags extends DetectorFlags {
  clips?: string;
  scenes?: string[];
  loops: number;
  perfect?: number | true;
  realtime?: boolean;
  duration: number;
  warmup: number;
  json?: string;
}

/** Box errors of a perfect detector, relative to the height. */
const PERFECT_NOISE = 0.01;

const command = new Command('bench:chain')
  .description('Measures detection, tracking and speed together against the truth of the scenes, frame by frame.')
  .option('--clips <dir>', 'clips with their truth; default: scripts/world/clips, else synthetic ones')
  .option('--scenes <names...>', 'only these')
  .option('--loops <n>', 'how often each clip is shown', wholeNumber(1, 100), 2)
  .option(
    '--perfect [noise]',
    `the truth instead of a detector, with errors of so many heights (${PERFECT_NOISE})`,
    numberFlag,
  )
  .option('--realtime', 'all scenes at once over RTSP through the whole pipeline, instead of frame by frame')
  .option('--duration <s>', 'with --realtime: seconds that are measured', numberFlag, 40)
  .option('--warmup <s>', 'with --realtime: seconds before that', numberFlag, 5)
  .option('--json <file>', 'write everything')
  .allowExcessArguments(false);

interface Run {
  what: string;
  scenes: { scene: string; counts: SceneCounts; fps?: number }[];
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const log = { info: () => undefined, warn: (_: object, message: string) => say(`  ${message}`) };

await runCommand(async () => {
  const flags = addDetectorFlags(command).parse().opts<Flags>();
  const { scenes, model, description } = await chooseScenes(flags);
  const config = configOf(scenes, { ...detectorSettings(flags), ...(flags.model === undefined && model && { model }) });
  const machine = describeMachine();
  say(`machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}`);
  say(`scenes: ${description}`);
  const run = flags.realtime ? await realtime(scenes, config, flags) : await offline(scenes, config, flags);
  const rows: SceneScore[] = run.scenes.map(({ counts, ...scene }) => ({ ...scene, score: scoreOf(counts) }));
  const total = { scene: 'all', score: scoreOf(addScenes(run.scenes.map(({ counts }) => counts))) };
  say(`\n${run.what}\n\n${formatScores([...rows, total])}`);
  if (flags.json === undefined) return;
  const report = { bench: 'chain', date: new Date().toISOString(), machine, what: run.what, scenes: rows, total };
  writeFileSync(flags.json, `${JSON.stringify(report, null, 1)}\n`);
  say(`\nwrote ${flags.json}`);
});

function configOf(
  scenes: readonly ChainScene[],
  detector: Record<string, unknown>,
  streams = scenes.map(({ name }) => ({ id: name, url: 'rtsp://127.0.0.1/unused' })),
): Config {
  return validateConfig({
    streams: streams.map((stream, i) => ({ ...stream, calibration: scenes[i]!.calibration })),
    detector,
  });
}

async function offline(scenes: readonly ChainScene[], config: Config, { loops, perfect }: Flags): Promise<Run> {
  const noise = perfect === true ? PERFECT_NOISE : perfect;
  const detector = noise === undefined ? await FrameDetector.open(config.detector, log) : null;
  const classes = detector?.classes ?? ['vehicle'];
  const settings = { tracker: trackerSettings(config, detector?.confidentScore ?? null), classes, loops };
  try {
    const counted: Run['scenes'] = [];
    for (const [i, scene] of scenes.entries()) {
      const detections = detector
        ? await detectScene(scene, detector)
        : truthAsDetections(scene, noise!, seededRandom(1 + i));
      counted.push({ scene: scene.name, counts: countScene(trackScene(scene, detections, settings)) });
    }
    const source = detector?.description ?? `the truth, with errors of ${noise} of its height`;
    return { what: `every frame, ${loops} loops; detections: ${source}`, scenes: counted };
  } finally {
    await detector?.close();
  }
}

async function realtime(scenes: readonly ChainScene[], config: Config, flags: Flags): Promise<Run> {
  const counted = await runRealtime({
    scenes,
    configure: (streams) => configOf(scenes, config.detector, streams),
    warmupS: flags.warmup,
    durationS: flags.duration,
    log,
  });
  return { what: `live over RTSP, ${flags.duration} s, processed frames only`, scenes: counted };
}
