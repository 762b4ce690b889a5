// Starts a detector with `auto`, closes it, and ends the process as the server does. Arguments: the model.
import { performance } from 'node:perf_hooks';
import { Detector } from '../../dist/detect/detector.js';
import { exitOnError } from '../../dist/ops/exit.js';

await exitOnError('start-and-close', async () => {
  const options = { executionProvider: 'auto', scoreThreshold: 0.25, iouThreshold: 0.45, maxBatch: 1, threads: 1 };
  const detector = await Detector.start({ ...options, modelPath: process.argv[2] });
  const { executionProvider, executionProviderReason } = detector.info;
  const beganMs = performance.now();
  await detector.close();
  const closeMs = performance.now() - beganMs;
  process.on('exit', () => process.stdout.write('the process was cleaned up\n'));
  process.stdout.write(`${JSON.stringify({ executionProvider, executionProviderReason, closeMs })}\n`);
});
