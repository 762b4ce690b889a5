#!/usr/bin/env node
/** Command line: a stock YOLOv8/YOLO11 export in, a pipeline model out. */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { describeModelBytes, readModelFile } from './describe.js';
import { ModelError } from './errors.js';
import { HEADS, PRECISIONS, type Head, type Precision } from './metadata.js';
import { prepareModel } from './prepare-model.js';
import type { ClassMapping } from './yolo/class-map.js';

interface Options {
  from: string;
  out: string;
  head: Head;
  precision: Precision;
  height: number;
  width: number;
  class?: ClassMapping;
}

function pixels(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('a whole number of pixels is needed');
  return value;
}

function addClass(text: string, previous: ClassMapping = {}): ClassMapping {
  const [name, sources = name] = text.split('=');
  if (!name || !sources || name.includes(',')) throw new InvalidArgumentError('use NAME=SOURCE[,SOURCE]');
  return { ...previous, [name]: sources.split(',') };
}

const command = new Command('prepare')
  .description('Makes a pipeline model (colour conversion and box decoding in the graph) of a stock YOLO export.')
  .requiredOption('--from <file>', 'stock export (.onnx)')
  .requiredOption('--out <file>', 'pipeline model to write')
  .addOption(
    new Option('--head <head>', 'input: nv12 for the server, rgb for the browser').choices(HEADS).default('nv12'),
  )
  .addOption(new Option('--precision <precision>', 'fp32 for CPUs, fp16 for GPUs').choices(PRECISIONS).default('fp32'))
  .option('--height <px>', 'input height, a multiple of 32', pixels, 384)
  .option('--width <px>', 'input width, a multiple of 32', pixels, 640)
  .option('--class <name=source,...>', 'an output class and the classes that count as it; repeat it', addClass);

const { from, out, head, precision, height, width, class: classes } = command.parse().opts<Options>();
try {
  const source = basename(from, '.onnx');
  const bytes = prepareModel(readModelFile(from), {
    head,
    precision,
    height,
    width,
    source,
    ...(classes && { classes }),
  });
  writeFileSync(out, bytes);
  const model = describeModelBytes(bytes);
  if (model.kind === 'pipeline')
    console.log(
      `${out}: ${model.source}, ${model.head} ${model.precision}, ${model.width} x ${model.height}, ` +
        `${model.candidateCount} boxes, classes ${model.classes.join(', ')}; licence: ${model.license}`,
    );
} catch (error) {
  const { code } = error as NodeJS.ErrnoException;
  if (!code) throw error;
  console.error(`prepare: ${error instanceof ModelError ? error.message : `cannot write ${out} (${code})`}`);
  process.exitCode = 1;
}
