/**
 * `npm run setup:cuda`: installs what detection on an NVIDIA GPU needs and can be installed from here, and proves each
 * part with real work; or says exactly what is missing and how to get it. Exit status 1 if something is missing.
 */
import { Command } from 'commander';
import { runCommand } from './command-line.js';
import { driverFinding, readDriver } from './cuda/driver.js';
import { chooseCudaMajor, libraryFindings } from './cuda/libraries.js';
import { proveInference, proveNms, proveNvdec } from './cuda/proofs.js';
import { installProvider, onnxRuntimeVersion, providerFinding } from './cuda/provider.js';
import { runProgram } from './cuda/run-program.js';
import { printFinding } from './doctor/print-finding.js';
import { quietFfmpeg } from '@lanecast/server/ops/quiet-ffmpeg';

await runCommand(async () => {
  const { check } = new Command('setup:cuda')
    .description("Installs ONNX Runtime's CUDA provider and proves inference, NVDEC and NMS on the GPU.")
    .option('--check', 'look only, install nothing')
    .allowExcessArguments(false)
    .parse()
    .opts<{ check?: boolean }>();
  quietFfmpeg();
  const driver = await readDriver(runProgram);
  printFinding(driverFinding(driver));
  printFinding({ subject: 'ONNX Runtime', verdict: 'ok', text: `onnxruntime-node ${onnxRuntimeVersion()}` });
  if (!driver) {
    printFinding(check ? providerFinding() : { ...providerFinding(), fix: 'a driver comes first' });
    return;
  }
  const major = await chooseCudaMajor(runProgram, driver.cudaMajor);
  const provider = check ? providerFinding() : await installProvider(runProgram, major);
  printFinding(provider);
  const libraries = await libraryFindings(runProgram, major);
  for (const finding of libraries) printFinding(finding);
  // Before CUDA is used for anything else: see `openNvdecDevice`.
  const { finding, device } = proveNvdec();
  printFinding(finding);
  printFinding(await proveInference());
  printFinding(await proveNms());
  device?.close();
  process.stdout.write(
    process.exitCode === 1
      ? '\nmend what FAILed, then run it again\n'
      : '\nall of it runs on the GPU: npm start -- --ep cuda --decode nvdec\n',
  );
});
