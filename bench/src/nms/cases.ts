/** What `bench:nms` measures, and how. */
import { nmsBatchTimed, nmsInfo, type NmsBackend } from '@lanecast/native';
import { DISTRIBUTIONS, makeBoxes, type BoxSet, type Distribution } from './boxes.js';
import { measure, type Timing } from './timing.js';

export interface BenchCase {
  id: string;
  distribution: Distribution;
  /** Boxes in all. */
  boxes: number;
  images: number;
  iouThreshold: number;
  set: BoxSet;
  /** null: one image. */
  offsets: Uint32Array | null;
}

export const SIZES = [100, 1000, 8400, 25_000, 100_000, 1_000_000];
export const IOU_THRESHOLD = 0.45;
const BATCH = { images: 64, boxes: 300 };
const LIMITS = { runs: 300, budgetMs: 1500 };

export function makeCases(sizes: readonly number[]): BenchCase[] {
  const single = DISTRIBUTIONS.flatMap((distribution) =>
    sizes.map((count): BenchCase => ({
      id: `${distribution} ${count}`,
      distribution,
      boxes: count,
      images: 1,
      iouThreshold: IOU_THRESHOLD,
      set: makeBoxes(distribution, count),
      offsets: null,
    })),
  );
  return [...single, makeBatch()];
}

/** What a server with 64 cameras suppresses after each batch. */
function makeBatch(): BenchCase {
  const sets = Array.from({ length: BATCH.images }, (_, i) => makeBoxes('clustered', BATCH.boxes, i + 1));
  const boxes = new Float32Array(4 * BATCH.images * BATCH.boxes);
  const scores = new Float32Array(BATCH.images * BATCH.boxes);
  sets.forEach((set, i) => {
    boxes.set(set.boxes, 4 * i * BATCH.boxes);
    scores.set(set.scores, i * BATCH.boxes);
  });
  return {
    id: `${BATCH.images} images x ${BATCH.boxes}`,
    distribution: 'clustered',
    boxes: scores.length,
    images: BATCH.images,
    iouThreshold: IOU_THRESHOLD,
    set: { boxes, scores },
    offsets: Uint32Array.from({ length: BATCH.images + 1 }, (_, i) => i * BATCH.boxes),
  };
}

export interface OwnResult {
  kept: number;
  cpu: Timing | { skipped: string };
  cuda: Timing | { skipped: string };
  /** First kernel's start to last kernel's end. */
  cudaKernel: Timing | { skipped: string };
}

/** Both backends, from JavaScript to JavaScript. Throws if they do not keep the same boxes. */
export function measureOwn({ set, offsets, iouThreshold, id }: BenchCase): OwnResult {
  const batch = { ...set, offsets: offsets ?? Uint32Array.of(0, set.scores.length) };
  const run = (backend: NmsBackend, timing: boolean) => nmsBatchTimed(batch, { iouThreshold, backend }, timing);
  const { backends } = nmsInfo();
  const missing = (backend: NmsBackend) => ({ skipped: `no ${backend} backend here` });

  const cpu = backends.includes('cpu') ? run('cpu', false).kept : null;
  const cuda = backends.includes('cuda') ? run('cuda', false) : null;
  if (cuda && cuda.backend !== 'cuda') throw new Error(`${id}: CUDA failed: ${nmsInfo().lastCudaError}`);
  if (cpu && cuda && !cpu.every((kept, i) => Buffer.compare(bytes(kept), bytes(cuda.kept[i]!)) === 0))
    throw new Error(`${id}: CUDA and the CPU keep different boxes`);
  const kept = (cuda?.kept ?? cpu ?? run('typescript', false).kept).reduce((sum, image) => sum + image.length, 0);
  return {
    kept,
    cpu: cpu ? measure(() => void run('cpu', false), LIMITS) : missing('cpu'),
    cuda: cuda ? measure(() => void run('cuda', false), LIMITS) : missing('cuda'),
    cudaKernel: cuda ? measure(() => run('cuda', true).kernelMs!, LIMITS) : missing('cuda'),
  };
}

const bytes = (array: Int32Array): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
