import type { SceneScore } from '../chain/report.js';
import { resourceShares } from '../throughput/fullest.js';
import type { RunResult } from '../throughput/measure.js';
import { markdownTable } from './markdown-table.js';
import { latencySection } from './latency-section.js';
import { lendingSection } from './lending-section.js';
import { faultsSection, memorySection } from './endurance-section.js';
import { nmsSection } from './nms-section.js';
import type { Results } from './results.js';
import { viewersSection } from './viewers-section.js';

const BEGIN = '<!-- measured:begin (npm run bench:readme writes this part from bench/results) -->';
const END = '<!-- measured:end -->';

const percent = (share: number | null, digits = 1): string =>
  share === null ? '-' : `${(100 * share).toFixed(digits)} %`;

function throughputRow(run: RunResult, label: string): string[] {
  const decoded = run.streams.reduce((sum, s) => sum + s.decodedFps, 0);
  const { infer, endToEnd } = run.stages;
  return [
    label,
    run.consumerFps.toFixed(0),
    (run.consumerFps / run.streams.length).toFixed(1),
    percent(Math.max(0, 1 - run.consumerFps / decoded), 0),
    infer.p50Ms.toFixed(1),
    `${endToEnd.p50Ms.toFixed(0)} / ${endToEnd.p99Ms.toFixed(0)}`,
  ];
}

function chainRow(label: string, { score }: SceneScore): string[] {
  const { mota, idf1, hota, idSwitches, truth, speed } = score;
  return [
    label,
    percent(mota),
    percent(idf1),
    percent(hota?.hota ?? null),
    `${idSwitches} in ${truth}`,
    speed ? `${speed.medianPercent.toFixed(1)} %` : '-',
    speed ? `${speed.p95Percent.toFixed(0)} %` : '-',
    speed ? `${speed.biasPercent.toFixed(1)} %` : '-',
  ];
}

function gpuRow(run: RunResult): string[] {
  const decoded = run.streams.reduce((sum, s) => sum + s.decodedFps, 0);
  const { infer, endToEnd } = run.stages;
  const { model, inputWidth, inputHeight, precision } = run.detector!;
  const [fullest] = resourceShares(run);
  return [
    `${model} ${inputWidth}x${inputHeight} ${precision}`,
    String(run.streams.length),
    run.consumerFps.toFixed(0),
    percent(Math.max(0, 1 - run.consumerFps / decoded)),
    run.meanBatch.toFixed(1),
    infer.p50Ms.toFixed(1),
    `${endToEnd.p50Ms.toFixed(0)} / ${endToEnd.p99Ms.toFixed(0)}`,
    fullest ? `${fullest[0]} ${percent(fullest[1], 0)}` : '-',
  ];
}

/** Live streams on a GPU; nothing where that was not measured. */
function gpuSection(results: Results['gpu']): string[] {
  const [first] = results;
  const run = first?.runs[0];
  if (!first || !run) return [];
  const { machine } = first;
  const [stream] = run.streams;
  const decoding = run.decode?.backend === 'nvdec' ? 'decoded by NVDEC' : `decoding: ${run.decode?.backend ?? '-'}`;
  return [
    `Live RTSP streams of ${stream!.width}x${stream!.height}, 25 frames a second each, ${decoding}, on one GPU (${machine.gpu ?? '-'}; ${machine.cores} cores of ${machine.cpu}, which also publish the streams):`,
    '',
    markdownTable(
      [
        'model',
        'streams',
        'frames/s in all',
        'dropped',
        'mean batch',
        'inference p50 (ms)',
        'packet to tracks p50 / p99 (ms)',
        'fullest',
      ],
      results.flatMap(({ runs }) => runs.map(gpuRow)),
    ),
    '',
    ...results.flatMap(({ runs, note }) => (note ? [`${runs[0]!.detector!.model}: ${note}`, ''] : [])),
  ];
}

/** The README's figures, as Markdown. */
export function measuredSection({
  throughput,
  gpu,
  yolo,
  quality,
  chain,
  nms,
  latency,
  lending,
  viewers,
  churn,
  memory,
  faults,
  gpuFaults,
}: Results): string {
  const { cpu, cores, node } = throughput.machine;
  const [own] = throughput.runs;
  const inputs = (run: RunResult): string =>
    `${run.detector!.model} ${run.detector!.inputWidth}x${run.detector!.inputHeight}`;
  const sets = [
    ['rendered scenes, a seed that was not trained on', quality.world],
    ['real pictures (`val`)', quality.val],
    ['frames of real clips (`eval-video`)', quality['eval-video']],
  ] as const;
  return [
    BEGIN,
    '',
    `Eight live RTSP streams, 25 frames a second each, on ${cores} cores (${cpu}, Node ${node.replace('v', '')}), no GPU:`,
    '',
    markdownTable(
      ['', 'frames/s in all', 'a stream', 'dropped', 'inference p50 (ms)', 'packet to tracks p50 / p99 (ms)'],
      [
        throughputRow(own!, `${inputs(own!)} (embedded)`),
        ...yolo.runs
          .slice(1)
          .map((run) =>
            throughputRow(
              run,
              `${inputs(run)}, ${run.detector!.maxBatch > 1 ? `batches of ${run.detector!.maxBatch}` : 'one by one'}`,
            ),
          ),
      ],
    ),
    '',
    ...gpuSection(gpu),
    'Vehicle AP50 (AP50:95) through the whole server path, and milliseconds a frame, detector alone:',
    '',
    markdownTable(
      ['', ...quality.val.results.map((r) => `${r.model} ${r.width}x${r.height}`)],
      [
        ...sets.map(([label, { results }]) => [
          label,
          ...results.map((r) => `${r.vehicle.ap50.toFixed(3)} (${r.vehicle.ap50to95.toFixed(3)})`),
        ]),
        ['ms a frame', ...quality.val.results.map((r) => r.speed.medianMs.toFixed(1))],
      ],
    ),
    '',
    'The chain against the truth of the scenes, embedded model, each scene with its calibration:',
    '',
    markdownTable(
      ['', 'MOTA', 'IDF1', 'HOTA', 'id switches', 'speed error median', 'p95', 'bias'],
      [
        chainRow('the eight shipped scenes, every frame', chain.shipped.total),
        ...chain.shipped.scenes.map((row) => chainRow(`- ${row.scene.replace(/^\d+-/, '')}`, row)),
        chainRow('the same scenes with traffic of another seed, every frame', chain.unseen.total),
        chainRow('the shipped scenes, live over RTSP, all at once', chain.live.total),
      ],
    ),
    '',
    ...latencySection(latency),
    ...lending.flatMap(lendingSection),
    ...viewersSection(viewers, churn),
    ...(nms ? nmsSection(nms) : []),
    ...memorySection(memory),
    ...faultsSection(faults, gpuFaults),
    END,
  ].join('\n');
}

/** The README with this section in the place of its old one. Throws if the marks are not there. */
export function replaceSection(readme: string, section: string): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error('the README lacks the marks of its measured section');
  return readme.slice(0, begin) + section + readme.slice(end + END.length);
}
