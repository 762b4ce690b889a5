/**
 * Average precision as COCO measures it: the rules, the order and the rounding of pycocotools' `COCOeval` (`evaluateImg`
 * and `accumulate`), for one IoU threshold at a time. Pure.
 */

/** Corners in pixels. */
export interface Box {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

export interface Truth extends Box {
  classIndex: number;
  /** Neither to be found nor wrong to be found. */
  ignore: boolean;
}

export interface Found extends Box {
  classIndex: number;
  score: number;
}

export interface Picture {
  truths: readonly Truth[];
  found: readonly Found[];
}

export interface ApOptions {
  iouThreshold: number;
  /** Best-scoring detections of a picture that count. */
  maxDetections: number;
  /** A detection that matches nothing and whose width or height is less than this is ignored, as such truths are. */
  minSidePx: number;
}

export interface ApResult {
  /** 0..1; null if there is nothing to find. */
  ap: number | null;
  /** Largest share of the truths that is found, 0..1; null as above. */
  recall: number | null;
  truths: number;
}

/** Precision is read at recalls 0, 0.01 ... 1. */
const RECALLS = Array.from({ length: 101 }, (_, i) => i / 100);

const area = (box: Box): number => (box.x2 - box.x1) * (box.y2 - box.y1);

export function iou(a: Box, b: Box): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  if (width <= 0 || height <= 0) return 0;
  const overlap = width * height;
  return overlap / (area(a) + area(b) - overlap);
}

const isSmall = (box: Box, minSidePx: number): boolean => box.x2 - box.x1 < minSidePx || box.y2 - box.y1 < minSidePx;

interface Judged {
  score: number;
  correct: boolean;
}

/**
 * Greedy, best score first: each detection takes the free truth that it overlaps most (at least by the threshold); one
 * to be ignored only if no other is left for it. Detections that took an ignored one, or that are small and took none,
 * do not count.
 */
export function judge({ truths, found }: Picture, options: ApOptions): Judged[] {
  const { iouThreshold, maxDetections, minSidePx } = options;
  const ordered = [...truths.filter((truth) => !truth.ignore), ...truths.filter((truth) => truth.ignore)];
  const free = ordered.map(() => true);
  const judged: Judged[] = [];
  // Array.prototype.sort is stable, as pycocotools' merge sort is.
  for (const detection of [...found].sort((a, b) => b.score - a.score).slice(0, maxDetections)) {
    let best = Math.min(iouThreshold, 1 - 1e-10);
    let match = -1;
    for (const [t, truth] of ordered.entries()) {
      if (!free[t]) continue;
      if (match >= 0 && truth.ignore && !ordered[match]!.ignore) break;
      const overlap = iou(detection, truth);
      if (overlap < best) continue;
      best = overlap;
      match = t;
    }
    if (match >= 0) free[match] = false;
    const ignored = match >= 0 ? ordered[match]!.ignore : isSmall(detection, minSidePx);
    if (!ignored) judged.push({ score: detection.score, correct: match >= 0 });
  }
  return judged;
}

/** Over all pictures, whatever the classes are: filter the pictures before (`ofClass`). */
export function averagePrecision(pictures: readonly Picture[], options: ApOptions): ApResult {
  const truths = pictures.reduce((sum, picture) => sum + picture.truths.filter((truth) => !truth.ignore).length, 0);
  if (truths === 0) return { ap: null, recall: null, truths };
  const judged = pictures.flatMap((picture) => judge(picture, options)).sort((a, b) => b.score - a.score);
  let correct = 0;
  const recalls: number[] = [];
  const precisions: number[] = [];
  judged.forEach((detection, i) => {
    if (detection.correct) correct++;
    recalls.push(correct / truths);
    precisions.push(correct / (i + 1));
  });
  for (let i = precisions.length - 2; i >= 0; i--) precisions[i] = Math.max(precisions[i]!, precisions[i + 1]!);
  let sum = 0;
  let at = 0;
  for (const recall of RECALLS) {
    while (at < recalls.length && recalls[at]! < recall) at++;
    if (at === recalls.length) break;
    sum += precisions[at]!;
  }
  return { ap: sum / RECALLS.length, recall: recalls.at(-1) ?? 0, truths };
}

/** The same pictures with the boxes of one class. */
export function ofClass(pictures: readonly Picture[], classIndex: number): Picture[] {
  const isIt = (box: { classIndex: number }) => box.classIndex === classIndex;
  return pictures.map(({ truths, found }) => ({ truths: truths.filter(isIt), found: found.filter(isIt) }));
}

/** COCO's thresholds 0.50, 0.55 ... 0.95. */
export const COCO_THRESHOLDS = Array.from({ length: 10 }, (_, i) => (50 + 5 * i) / 100);

export interface ApSummary {
  ap50: number | null;
  /** Mean over COCO's ten thresholds. */
  ap50to95: number | null;
  /** At IoU 0.5. */
  recall50: number | null;
  truths: number;
}

export function summarise(pictures: readonly Picture[], options: Omit<ApOptions, 'iouThreshold'>): ApSummary {
  const results = COCO_THRESHOLDS.map((iouThreshold) => averagePrecision(pictures, { ...options, iouThreshold }));
  const { ap, recall, truths } = results[0]!;
  const ap50to95 = ap === null ? null : results.reduce((sum, result) => sum + result.ap!, 0) / results.length;
  return { ap50: ap, ap50to95, recall50: recall, truths };
}
