/** `npm run models:fetch`: brings YOLOv8n, or a model of your own, to where `--model NAME` finds it. */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { runCommand } from './command-line.js';
import { CATALOGUE } from './models/catalogue.js';
import { fetchModel, installModel, type InstalledModel } from './models/install-model.js';

const CACHE = fileURLToPath(new URL('../../models/cache', import.meta.url));

const program = new Command('models:fetch')
  .description(
    `Fetches ${CATALOGUE.map((entry) => entry.name).join(', ')} into models/cache, or installs a file of yours.`,
  )
  .option('--from <file>', 'a YOLOv8/YOLO11-style ONNX export, or a pipeline model, instead of a download')
  .option('--out <dir>', 'where to', CACHE)
  .allowExcessArguments(false);

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function report({ path, description }: InstalledModel): void {
  const kind = description.kind === 'stock' ? 'a stock export, prepared at the first start' : 'a pipeline model';
  say(`${path}: ${kind}; use it with --model ${basename(path, '.onnx')}`);
}

await runCommand(async () => {
  const { from, out } = program.parse().opts<{ from?: string; out: string }>();
  if (from !== undefined) {
    report(await installModel(from, out));
    return;
  }
  for (const entry of CATALOGUE) {
    say(entry.notice);
    report(await fetchModel(entry, out));
  }
});
