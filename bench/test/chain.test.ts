import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildFixtureModel } from '@lanecast/models/fixture';
import { validateConfig } from '@lanecast/server/config/load';
import { afterAll, describe, expect, it } from 'vitest';
import { FrameDetector } from '../dist/chain/frame-detector.js';
import { detectScene, trackScene, truthAsDetections } from '../dist/chain/offline.js';
import { runRealtime } from '../dist/chain/realtime.js';
import { type ChainScore, countScene, scoreOf } from '../dist/chain/score.js';
import { syntheticScene } from '../dist/chain/synthetic-scene.js';
import { countedScene, writeTruth } from './support/counted-clip.js';

const cli = resolve(import.meta.dirname, '../dist/chain.js');
const folder = mkdtempSync(join(tmpdir(), 'lanecast-chain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const model = join(folder, 'fixture.onnx');
writeFileSync(model, buildFixtureModel({ width: 320, height: 192, classes: [{ name: 'car', width: 32, height: 20 }] }));
const quiet = { info: () => undefined, warn: () => undefined };
const configure = (streams: object[]) =>
  validateConfig({ streams, detector: { model, executionProvider: 'cpu', threads: 1, maxBatch: 1 } });
const { detector: detectorConfig } = configure([{ id: 'a', url: 'rtsp://a/b' }]);

function run(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [cli, ...args], { env: { ...process.env, XDG_CACHE_HOME: folder } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((done) => child.on('close', (status) => done({ status, stdout, stderr })));
}

describe('the chain', () => {
  it('finds and measures rectangles frame by frame, and a detector that never errs almost perfectly', async () => {
    const scene = await countedScene(folder, 'offline');
    const detector = await FrameDetector.open(detectorConfig, quiet);
    const settings = { tracker: { trackThreshold: 0.5 }, classes: detector.classes, loops: 2 };
    const found = scoreOf(countScene(trackScene(scene, await detectScene(scene, detector), settings)));
    await detector.close();
    expect(found.frames).toBe(400);
    expect(found.idf1).toBeGreaterThan(0.85);
    expect(found.idSwitches).toBe(0);
    expect(found.speed!.medianPercent).toBeLessThan(1);
    expect(Math.abs(found.speed!.biasPercent)).toBeLessThan(1);

    const perfect = scoreOf(countScene(trackScene(scene, truthAsDetections(scene, 0, Math.random), settings)));
    expect(perfect.idf1).toBeGreaterThan(0.9);
    expect(perfect.speed!.shown).toBeGreaterThan(0.8);
    expect(perfect.speed!.p95Percent).toBeLessThan(1);
  });

  it('does the same live over RTSP, each frame against its own truth', async () => {
    const scenes = [await countedScene(folder, 'one'), await countedScene(folder, 'two')];
    const results = await runRealtime({
      scenes,
      configure: (streams) => configure(streams.map((stream) => ({ ...stream, scaleMPerPx: 0.05 }))),
      warmupS: 2,
      durationS: 12,
      log: quiet,
    });
    expect(results.map(({ scene }) => scene)).toEqual(['one', 'two']);
    for (const { counts, fps } of results) {
      const score = scoreOf(counts);
      expect(fps).toBeGreaterThan(5);
      // A frame's delay would move the boxes by 4 of 64 px; this is well below.
      expect(counts.clear.similaritySum / counts.clear.truePositives).toBeGreaterThan(0.9);
      expect(score.mota).toBeGreaterThan(0.7);
      expect(score.idf1).toBeGreaterThan(0.8);
      expect(score.speed!.medianPercent).toBeLessThan(1);
    }
  });

  it('says that a clip without a frame counter cannot be judged live', async () => {
    const scene = await syntheticScene({ durationS: 8, cacheDir: folder });
    const attempt = runRealtime({
      scenes: [scene],
      configure,
      warmupS: 2,
      durationS: 3,
      log: quiet,
    });
    await expect(attempt).rejects.toMatchObject({ code: 'chain-no-frame-counter' });
  });
});

describe('bench:chain', () => {
  it('prints a row a scene and writes JSON with the machine', async () => {
    const clips = mkdtempSync(join(folder, 'clips-'));
    for (const name of ['east', 'west']) writeTruth(await countedScene(clips, name));
    await countedScene(clips, 'without-truth');
    const json = join(folder, 'chain.json');
    const { status, stdout, stderr } = await run('--clips', clips, '--perfect', '--loops', '3', '--json', json);
    expect([stderr, status]).toEqual(['', 0]);
    expect(stdout).toMatch(/^east +600 .*\nwest +600 .*\nall +1200 /m);
    const report = JSON.parse(readFileSync(json, 'utf8')) as { machine: object; total: { score: ChainScore } };
    expect(report.machine).toHaveProperty('cpu');
    expect(report.total.score.frames).toBe(1200);
    // A car that enters grows from a sliver: its first track may not keep up. Once a loop at most, never in mid-picture.
    expect(report.total.score.idSwitches).toBeLessThanOrEqual(3);
    expect(report.total.score.idf1).toBeGreaterThan(0.85);
    expect(Math.abs(report.total.score.speed!.biasPercent)).toBeLessThan(0.5);
    const one = await run('--clips', clips, '--perfect', '--scenes', 'west', '--loops', '1');
    expect(one.stdout).toMatch(/^west +200 .*\nall +200 /m);
    expect(one.stdout).not.toContain('east');
  });

  it('says what is wrong with its arguments', async () => {
    const { status, stderr } = await run('--clips', folder, '--perfect');
    expect(status).toBe(1);
    expect(stderr).toContain('no clip with its truth');
    expect((await run('--clips', join(folder, 'nowhere'))).stderr).toContain('cannot look for clips');
    expect((await run('--loops', '0')).stderr).toContain('whole number from 1');
  });
});
