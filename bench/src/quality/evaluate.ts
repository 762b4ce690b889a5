import { ofClass, summarise, type ApSummary, type Found, type Picture, type Truth } from './average-precision.js';
import type { DeployedModel } from './deployed-model.js';
import type { JpegReader } from './jpeg-reader.js';
import type { Label, LabelledPicture } from './picture-set.js';

/** What is not asked for (and not held against a model that finds it). */
export interface Rules {
  /** Boxes of less width or height, in the picture's pixels. */
  minSidePx: number;
  /** Boxes of which more is hidden, 0..1, where the set says so. */
  maxOcclusion: number;
  maxDetections: number;
}

export interface Evaluation {
  pictures: number;
  /** Whatever the class. */
  vehicle: ApSummary;
  /** Per class of the labels. */
  classes: Record<string, ApSummary>;
}

/** Labels' class indices: the order of the model's own training and of YOLO sets for it. */
export const LABEL_CLASSES = ['car', 'motorcycle', 'bus', 'truck'];

export function truthOf(label: Label, width: number, height: number, rules: Rules): Truth {
  const boxWidth = label.width * width;
  const boxHeight = label.height * height;
  const x1 = label.centreX * width - boxWidth / 2;
  const y1 = label.centreY * height - boxHeight / 2;
  const isHidden = label.occlusion !== null && label.occlusion > rules.maxOcclusion;
  const isSmall = boxWidth < rules.minSidePx || boxHeight < rules.minSidePx;
  return {
    x1,
    y1,
    x2: x1 + boxWidth,
    y2: y1 + boxHeight,
    classIndex: label.classIndex,
    ignore: isHidden || isSmall,
  };
}

/** The model's class indices as the labels count; -1 where they know no such class. */
const renumber = (found: readonly Found[], classes: readonly string[]): Found[] =>
  found.map((box) => ({ ...box, classIndex: LABEL_CLASSES.indexOf(classes[box.classIndex]!) }));

export function scorePictures(pictures: readonly Picture[], rules: Rules): Evaluation {
  const classes = LABEL_CLASSES.map((name, i) => [name, summarise(ofClass(pictures, i), rules)] as const);
  return { pictures: pictures.length, vehicle: summarise(pictures, rules), classes: Object.fromEntries(classes) };
}

/** What a model finds on every picture, beside the truth. */
export async function runModel(
  model: Pick<DeployedModel, 'detect' | 'description'>,
  pictures: readonly LabelledPicture[],
  reader: JpegReader,
  rules: Rules,
): Promise<Picture[]> {
  const results: Picture[] = [];
  for (const { path, labels } of pictures) {
    const frame = reader.read(path);
    const truths = labels.map((label) => truthOf(label, frame.width, frame.height, rules));
    results.push({ truths, found: renumber(await model.detect(frame), model.description.classes) });
  }
  return results;
}
