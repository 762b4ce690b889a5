import { type Setting, sleep, Stage } from './measure.js';
import type { ChurnReport, ChurnSample } from './report.js';
import { fitSlope } from './slope.js';

const JOIN_EVERY_MS = 50;
const STAY_MS = 6000;
/** Half a second for goodbyes, and the counters of the media worker come twice a second. */
const REST_MS = 3000;
/** While code is compiled and pools fill, memory grows: that much of the samples tells nothing of leaks. */
const WARM_UP_SHARE = 0.3;

/** Waves of viewers join and leave for so long; what the server holds is read when all have left. */
export async function churn(
  urls: readonly string[],
  setting: Pick<Setting, 'engine' | 'place'>,
  viewers: number,
  minutes: number,
  say: (line: string) => void,
): Promise<ChurnReport['churn']> {
  const stage = await Stage.start(urls, { ...setting, execArgv: ['--expose-gc'] });
  try {
    const samples: ChurnSample[] = [];
    const startedAtMs = performance.now();
    let joined = 0;
    while (performance.now() - startedAtMs < minutes * 60_000) {
      for (let n = 1; n <= viewers; n++) {
        await stage.watch(n);
        await sleep(JOIN_EVERY_MS);
      }
      await stage.joined(urls.length);
      joined += viewers;
      await sleep(STAY_MS);
      await stage.watch(0);
      await sleep(REST_MS);
      const { held, media, stats } = await stage.usage();
      const { peers, sessions, unhandledRejections } = stats;
      const minute = (performance.now() - startedAtMs) / 60_000;
      const mediaSockets = media?.sockets ?? null;
      const mediaTimers = media?.timers ?? null;
      samples.push({ minute, joined, ...held, mediaSockets, mediaTimers, peers, sessions, unhandledRejections });
      say(
        `${minute.toFixed(1)} min, ${joined} viewers came and left: ${held.rssMiB.toFixed(1)} MiB, ` +
          `${peers} peers, ${sessions} sessions, ${held.descriptors} descriptors, ` +
          `${held.sockets} + ${mediaSockets ?? 0} sockets, ${held.timers} + ${mediaTimers ?? 0} timers, ${unhandledRejections} unhandled rejections`,
      );
    }
    const settled = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
    const perViewer = fitSlope(settled.map(({ joined: x, rssMiB: y }) => ({ x, y })));
    return {
      ...setting,
      viewers,
      minutes,
      joined,
      samples,
      rssKiBPerViewer: perViewer.perX * 1024,
      rssKiBPerViewerUpper95: perViewer.upper95 * 1024,
      ...grown(settled),
    };
  } finally {
    await stage.close();
  }
}

/** The most that was still held after a wave, above what was held when things had settled. */
function grown(
  settled: readonly ChurnSample[],
): Pick<ChurnReport['churn'], 'peersLeft' | 'descriptorsGrown' | 'socketsGrown' | 'timersGrown'> {
  const growth = (of: (sample: ChurnSample) => number): number => of(settled.at(-1)!) - of(settled[0]!);
  return {
    peersLeft: Math.max(...settled.map(({ peers }) => peers)),
    descriptorsGrown: growth(({ descriptors }) => descriptors),
    socketsGrown: growth(({ sockets, mediaSockets }) => sockets + (mediaSockets ?? 0)),
    timersGrown: growth(({ timers, mediaTimers }) => timers + (mediaTimers ?? 0)),
  };
}
