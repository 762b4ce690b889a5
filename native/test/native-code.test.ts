/** Builds the sanitized fuzz target and a stand-in for the CUDA library, and runs both. Skips without a compiler. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { nmsInfo, type NmsInfo } from '../dist/index.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILD = join(ROOT, 'build', 'tests');
const FUZZ_SECONDS = Number(process.env['LANECAST_FUZZ_SECONDS'] ?? 20);

const has = (command: string) => spawnSync(command, ['--version']).status === 0;
const missing = ['cmake', 'c++'].filter((command) => !has(command));
const unable = missing.length > 0 ? `${missing.join(' and ')} missing: run scripts/setup-system` : '';

function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, output: stdout, errors: stderr };
}

describe.skipIf(unable)(`the C++ code${unable && ` (${unable})`}`, () => {
  beforeAll(() => {
    for (const args of [
      ['-S', ROOT, '-B', BUILD, '-DLANECAST_TESTS=ON'],
      ['--build', BUILD, '--parallel', '2'],
    ]) {
      const { status, output, errors } = run('cmake', args);
      if (status !== 0) throw new Error(`cmake ${args.join(' ')} failed:\n${output}${errors}`);
    }
  }, 180_000);

  it(
    `is the definition under AddressSanitizer and UBSan, ${FUZZ_SECONDS} s long`,
    () => {
      const seed = String(Date.now());
      const { status, output, errors } = run(join(BUILD, 'nms_fuzz'), [String(FUZZ_SECONDS), seed]);
      expect({ status, errors, seed }).toEqual({ status: 0, errors: '', seed });
      expect(Number(/^(\d+) problems, no difference/.exec(output)?.[1])).toBeGreaterThan(100);
    },
    FUZZ_SECONDS * 1000 + 60_000,
  );

  describe.skipIf(nmsInfo().cpuMissingReason)('with a stand-in for the CUDA library', () => {
    const library = join(BUILD, 'libfake_nms_cuda.so');

    interface Report {
      info: NmsInfo;
      result: unknown;
      warnings: string[];
    }

    /** Evaluates `script`, which returns something, with the addon's functions in scope, in a process of its own. */
    function evaluate(wish: string, script: string): Report {
      const source = `
        import * as native from ${JSON.stringify(join(ROOT, 'dist', 'index.js'))};
        import { makeCase } from ${JSON.stringify(join(ROOT, 'dist', 'check-cases.js'))};
        const warnings = [];
        process.on('warning', ({ code }) => warnings.push(code));
        const wanted = (c) => native.nms(c.boxes, c.scores, { ...c.options, backend: 'typescript' });
        const same = (a, b) => a.length === b.length && a.every((value, i) => value === b[i]);
        const result = await (async () => { ${script} })();
        await new Promise((resolve) => setImmediate(resolve));
        console.log(JSON.stringify({ info: native.nmsInfo(), result, warnings }));`;
      const { status, output, errors } = run(process.execPath, ['--input-type=module', '--eval', source], {
        LANECAST_NMS_CUDA_LIBRARY: library,
        LANECAST_FAKE_CUDA: wish,
        UV_THREADPOOL_SIZE: '16',
        NODE_NO_WARNINGS: '1',
      });
      if (status !== 0) throw new Error(errors);
      return JSON.parse(output) as Report;
    }

    it('describes the device and runs there when asked to', () => {
      const { info, result } = evaluate(
        '',
        `const c = makeCase(3, 500);
         const { kept, ...rest } = native.nmsTimed(c.boxes, c.scores, { ...c.options, backend: 'cuda' });
         return { ...rest, same: same(kept, wanted(c)) };`,
      );
      expect(info).toMatchObject({ backends: ['cuda', 'cpu', 'typescript'], cudaMissingReason: null, cudaFailures: 0 });
      expect(info.device).toMatchObject({
        name: 'fake device',
        computeCapability: '9.0',
        driverVersion: '13.0',
        runtimeVersion: '12.8',
      });
      expect(result).toEqual({ backend: 'cuda', kernelMs: 0.25, same: true });
    });

    const CONCURRENT = `
      const cases = Array.from({ length: 200 }, (_, seed) => makeCase(seed, 300)).filter((c) => c.scores.length > 0);
      const kept = await Promise.all(cases.map((c) => native.nmsAsync(c.boxes, c.scores, { ...c.options, backend: 'cuda' })));
      return kept.every((k, i) => same(k, wanted(cases[i])));`;

    it('gives each of many calls at once a context of its own, of no more than eight', () => {
      const { info, result, warnings } = evaluate('', CONCURRENT);
      expect({ result, failures: info.cudaFailures, last: info.lastCudaError, warnings }).toEqual({
        result: true,
        failures: 0,
        last: null,
        warnings: [],
      });
    });

    it('does on the CPU what CUDA failed to do, counts it and warns once', () => {
      const { info, result, warnings } = evaluate('run=5', CONCURRENT);
      expect(result).toBe(true);
      expect(info.cudaFailures).toBeGreaterThan(10);
      expect(info.lastCudaError).toBe('a call failed, as asked');
      expect(warnings).toEqual(['LANECAST_NMS_CUDA_FAILED']);
    });

    it('survives contexts that cannot be made, and says that the CPU did it', () => {
      const { info, result } = evaluate(
        'no-context',
        `const c = makeCase(3, 500);
         const { kept, ...rest } = native.nmsTimed(c.boxes, c.scores, { ...c.options, backend: 'cuda' });
         const detect = new native.DetectNms({ candidates: 1, iouThreshold: 0.5, backend: 'cuda' });
         detect.run(new Float32Array([5, 5, 2, 2, 1, 0]), 0, new Float32Array(6));
         return { ...rest, same: same(kept, wanted(c)), detect: [detect.backend, detect.backendReason] };`,
      );
      expect(result).toEqual({
        backend: 'cpu',
        kernelMs: null,
        same: true,
        detect: ['cpu', '2 calls of CUDA failed, the last: no context, as asked'],
      });
      expect(info.cudaFailures).toBe(2);
    });

    it('says when CUDA is broken for the whole process, and suppresses on the CPU from then on', () => {
      const { result } = evaluate(
        '',
        `const c = makeCase(3, 500);
         const run = () => native.nmsTimed(c.boxes, c.scores, { ...c.options, backend: 'cuda' });
         const before = [run().backend, native.cudaFault()];
         const broken = native.breakCuda();
         const { kept, backend } = run();
         return { before, broken, fault: native.cudaFault(), backend, same: same(kept, wanted(c)) };`,
      );
      expect(result).toEqual({
        before: ['cuda', null],
        broken: 'broken, as asked',
        fault: 'broken, as asked',
        backend: 'cpu',
        same: true,
      });
    });

    it.each([
      ['abi', /another version than the addon/],
      ['no-device', /^no device, as asked$/],
    ])('does without a library of which it says: %s', (wish, reason) => {
      const { info, result } = evaluate(
        wish,
        `try { native.nms(new Float32Array(4), new Float32Array(1), { iouThreshold: 0.5, backend: 'cuda' }); }
         catch ({ code }) { return [code, native.nmsTimed(new Float32Array(4), new Float32Array(1), { iouThreshold: 0.5 }).backend]; }`,
      );
      expect(info.backends).toEqual(['cpu', 'typescript']);
      expect(info.cudaMissingReason).toMatch(reason);
      expect(result).toEqual(['nms-backend-missing', 'cpu']);
    });

    it('measures where CUDA pays, and keeps small problems on the CPU', () => {
      const { result } = evaluate(
        '',
        `const sizes = native.measureCrossover();
         const c = makeCase(3, 200);
         const ran = native.nmsTimed(c.boxes, c.scores, { ...c.options, backend: 'auto' }).backend;
         return { sizes: sizes.map((s) => s.boxes), measured: sizes.every((s) => s.cpuMs > 0 && s.cudaMs > 0.2), ran };`,
      );
      expect(result).toEqual({ sizes: [512, 2048, 8192, 32768, 131072], measured: true, ran: 'cpu' });
    });
  });
});
