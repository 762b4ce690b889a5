/**
 * Holds a backend against the TypeScript twin on random cases, without any test framework:
 * `node native/dist/self-check.js --backend cuda --cases 1000 [--seed 1] [--largest 3000]`. Prints JSON; exit status 1
 * if a case differs or the backend did not do the work.
 */
import { parseArgs } from 'node:util';
import { nmsInfo } from './backends.js';
import { makeCase, type CheckCase } from './check-cases.js';
import { nmsBatchAsync, nmsBatchTimed, nmsTimed } from './nms.js';
import type { NmsBackend } from './types.js';

interface Difference {
  seed: number;
  kind: string;
  count: number;
  call: string;
  backend: NmsBackend | null;
  firstAt: number;
}

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'cpu' },
    cases: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    largest: { type: 'string', default: '3000' },
  },
});
const backend = values.backend as NmsBackend | 'auto';
const cases = Number(values.cases);
const firstSeed = Number(values.seed);
const largest = Number(values.largest);

const firstDifference = (a: Int32Array, b: Int32Array): number => {
  for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i] !== b[i]) return i;
  return -1;
};

const differences: Difference[] = [];
function compare(check: CheckCase, call: string, ran: NmsBackend | null, got: Int32Array, expected: Int32Array): void {
  const firstAt = firstDifference(got, expected);
  const wrongBackend = ran !== null && backend !== 'auto' && ran !== backend;
  if (firstAt < 0 && !wrongBackend) return;
  differences.push({ seed: check.seed, kind: check.kind, count: check.scores.length, call, backend: ran, firstAt });
}

/** Several cases in one call, with the last case's options. */
async function compareBatch(parts: CheckCase[], expected: (part: CheckCase) => Int32Array): Promise<void> {
  const { options } = parts.at(-1)!;
  const offsets = new Uint32Array(parts.length + 1);
  parts.forEach((part, b) => (offsets[b + 1] = offsets[b]! + part.scores.length));
  const total = offsets.at(-1)!;
  const boxes = new Float32Array(4 * total);
  const scores = new Float32Array(total);
  const classes = new Int32Array(total);
  parts.forEach((part, b) => {
    boxes.set(part.boxes, 4 * offsets[b]!);
    scores.set(part.scores, offsets[b]);
    classes.set(part.classes, offsets[b]);
  });
  const batch = { boxes, scores, offsets, classes: options.classes ? classes : undefined };
  const batchOptions = { ...options, classes: undefined, backend };
  const result = nmsBatchTimed(batch, batchOptions);
  const concurrent = await Promise.all([nmsBatchAsync(batch, batchOptions), nmsBatchAsync(batch, batchOptions)]);
  parts.forEach((part, b) => {
    const same = { ...part, options: { ...options, classes: options.classes ? part.classes : undefined } };
    const want = expected(same);
    compare(part, 'nmsBatch', result.backend, result.kept[b]!, want);
    for (const kept of concurrent) compare(part, 'nmsBatchAsync', null, kept[b]!, want);
  });
}

const expectedOf = ({ boxes, scores, options }: CheckCase) =>
  nmsTimed(boxes, scores, { ...options, backend: 'typescript' }).kept;

const startMs = performance.now();
let boxCount = 0;
let pending: CheckCase[] = [];
for (let seed = firstSeed; seed < firstSeed + cases; seed++) {
  const check = makeCase(seed, largest);
  boxCount += check.scores.length;
  const { kept, backend: ran } = nmsTimed(check.boxes, check.scores, { ...check.options, backend });
  compare(check, 'nms', ran, kept, expectedOf(check));
  pending.push(check);
  if (pending.length === 1 + (seed % 7)) {
    await compareBatch(pending, expectedOf);
    pending = [];
  }
}
const { device, cudaFailures, lastCudaError } = nmsInfo();
const report = {
  backend,
  device: device?.name ?? null,
  cases,
  boxes: boxCount,
  seconds: Number(((performance.now() - startMs) / 1000).toFixed(1)),
  differences: differences.length,
  cudaFailures,
  lastCudaError,
  examples: differences.slice(0, 5),
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
if (differences.length > 0 || (backend === 'cuda' && cudaFailures > 0)) process.exitCode = 1;
