/** The files in deploy/: that they fit the code, the repository and one another. What runs them is not here (Docker). */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments, parse as parseYaml } from 'yaml';
import { metricsFixture } from '../dist/ops/testing/metrics-fixture.js';
import { validateConfig } from '../dist/config/load.js';
import { watchOptions } from '../dist/ops/watchdog/options.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEPLOY = join(ROOT, 'deploy');
const read = (path: string): string => readFileSync(join(DEPLOY, path), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'lanecast-deploy-'));
afterAll(() => rmSync(folder, { recursive: true }));
const run = (command: string, args: string[], env: NodeJS.ProcessEnv = {}) =>
  spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env } });

/** Names of series that `/metrics` really answers with. */
async function seriesNames(): Promise<Set<string>> {
  const text = await metricsFixture(true).metrics.render();
  return new Set([...text.matchAll(/^([a-z0-9_]+)[ {]/gm)].map((match) => match[1]!));
}
const usedIn = (expression: string): string[] => expression.match(/lanecast_[a-z0-9_]+/g) ?? [];

const noPromtool = run('promtool', ['--version']).status !== 0 ? ' (promtool is missing)' : '';

interface AlertTests {
  tests: { alert_rule_test?: { alertname: string; exp_alerts?: object[] }[] }[];
}
interface Panel {
  title: string;
  targets?: { expr: string }[];
  gridPos: { x: number; y: number; w: number; h: number };
}
interface Rules {
  groups: {
    rules: { alert: string; expr: string; labels: { severity: string }; annotations: { summary: string } }[];
  }[];
}

describe('the Grafana dashboard', () => {
  const dashboard = JSON.parse(read('grafana/lanecast.json')) as { panels: Panel[]; templating: unknown };

  it('asks for nothing that the server does not give', async () => {
    const names = await seriesNames();
    const expressions = dashboard.panels.flatMap((panel) => panel.targets ?? []).map(({ expr }) => expr);
    const used = [...expressions, JSON.stringify(dashboard.templating)].flatMap(usedIn);
    expect(new Set(used).size).toBeGreaterThan(25);
    expect(used.filter((name) => !names.has(name))).toEqual([]);
  });

  it('lays no panel over another', () => {
    const places = dashboard.panels.map(({ title, gridPos }) => ({ title, ...gridPos }));
    for (const a of places) {
      expect(a.x + a.w, a.title).toBeLessThanOrEqual(24);
      const over = places.filter(
        (b) => b !== a && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h,
      );
      expect(over, a.title).toEqual([]);
    }
  });
});

describe('the alert rules', () => {
  const rules = (parseYaml(read('prometheus/alerts.yml')) as Rules).groups.flatMap((group) => group.rules);

  it('watch what the server gives', async () => {
    const names = await seriesNames();
    expect(rules.length).toBeGreaterThan(10);
    const used = rules.flatMap(({ expr }) => usedIn(expr));
    expect(used.filter((name) => !names.has(name))).toEqual([]);
  });

  it('have a name of their own, a summary, and say how urgent they are', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, labels, annotations } of rules) {
      expect(['page', 'ticket'], alert).toContain(labels.severity);
      expect(annotations.summary.length, alert).toBeGreaterThan(10);
    }
  });

  it('have a test of when they fire', () => {
    const { tests } = parseYaml(read('prometheus/alerts.test.yml')) as AlertTests;
    const tested = tests.flatMap(({ alert_rule_test: cases = [] }) =>
      cases.filter(({ exp_alerts: expected = [] }) => expected.length > 0).map(({ alertname }) => alertname),
    );
    expect(rules.map(({ alert }) => alert).filter((alert) => !tested.includes(alert))).toEqual([]);
  });

  it.skipIf(noPromtool)(`are ones that promtool takes, and fire when they should${noPromtool}`, () => {
    const path = join(DEPLOY, 'prometheus/alerts');
    expect(run('promtool', ['check', 'rules', `${path}.yml`]).status).toBe(0);
    const { status, stdout, stderr } = run('promtool', ['test', 'rules', `${path}.test.yml`]);
    expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('SUCCESS')]);
  });
});

it.skipIf(noPromtool)(
  `promtool finds nothing odd in the metrics, but that a bit rate is in bits${noPromtool}`,
  async () => {
    const input = await metricsFixture(true).metrics.render();
    const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { encoding: 'utf8', input });
    expect((stdout + stderr).trim()).toBe(
      'lanecast_stream_bitrate_bits_per_second use base unit "bytes" instead of "bits"',
    );
  },
);

describe('every YAML file in deploy/', () => {
  const files = readdirSync(DEPLOY, { recursive: true, encoding: 'utf8' }).filter((name) => /\.ya?ml$/.test(name));
  it.each(files)('%s can be read', (file) => {
    const documents = parseAllDocuments(read(file), { strict: true, uniqueKeys: true });
    expect([documents].flat().flatMap((document) => ('errors' in document ? document.errors : []))).toEqual([]);
  });

  it.each(['lanecast.yaml', 'compose/lanecast.yaml'])('%s is a configuration', (file) => {
    expect(
      validateConfig(parseYaml(read(file)) as Parameters<typeof validateConfig>[0]).streams.length,
    ).toBeGreaterThan(0);
  });
});

describe('the compose file', () => {
  interface Compose {
    services: Record<
      string,
      { volumes?: string[]; secrets?: string[]; build?: { dockerfile: string }; ports?: string[] }
    >;
    secrets: object;
    volumes: object;
  }
  const { services, secrets, volumes } = parseYaml(read('compose.yaml')) as Compose;

  it('mounts what there is', () => {
    for (const { volumes: mounts = [], secrets: used = [] } of Object.values(services)) {
      for (const mount of mounts) {
        const source = mount.split(':')[0]!;
        const there = source.startsWith('.') ? existsSync(join(DEPLOY, source)) : Object.hasOwn(volumes, source);
        expect(there, mount).toBe(true);
      }
      for (const secret of used) expect(Object.hasOwn(secrets, secret), secret).toBe(true);
    }
  });

  it('opens to the network only the ports of live video', () => {
    const open = Object.values(services).flatMap(({ ports = [] }) =>
      ports.filter((port) => !port.startsWith('127.0.0.1:')),
    );
    expect(open).toEqual(['50000-50049:50000-50049/udp']);
  });
});

describe('the Dockerfile', () => {
  const text = read('Dockerfile').replaceAll(/\\\n\s*/g, '');
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
  const stages = lines.flatMap((line) => /^FROM \S+ AS (\S+)/.exec(line)?.[1] ?? []);

  it('copies only what is in the repository, or made by a stage before', () => {
    const made = /(^|\/)(dist|build\/Release)$/;
    let copied = 0;
    for (const line of lines.filter((line) => line.startsWith('COPY'))) {
      const words = line.split(' ').slice(1);
      const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
      if (from !== undefined) expect(stages).toContain(from);
      if (from === 'node' || from === 'dependencies') continue;
      for (const source of words.filter((word) => !word.startsWith('--')).slice(0, -1)) {
        const path = source.replace(/^\/opt\/lanecast\//, '');
        copied++;
        if (!made.test(path)) expect(existsSync(join(ROOT, path)), line).toBe(true);
        else expect(existsSync(join(ROOT, path.split('/')[0]!, 'package.json')), line).toBe(true);
      }
    }
    expect(copied).toBeGreaterThan(12);
  });

  it('has both variants of each stage that depends on the variant', () => {
    const needed = lines.flatMap((line) => /^FROM (\S+)-\$\{VARIANT\}/.exec(line)?.[1] ?? []);
    expect(needed).toEqual(['tools', 'dependencies', 'runtime']);
    for (const stage of needed) for (const variant of ['cpu', 'cuda']) expect(stages).toContain(`${stage}-${variant}`);
  });

  it('runs as nobody special, and is asked for its health', () => {
    expect(lines.filter((line) => line.startsWith('USER')).at(-1)).toBe('USER lanecast');
    expect(lines.some((line) => line.startsWith('HEALTHCHECK') && line.includes('/healthz'))).toBe(true);
  });

  it('ends when it is told to, also while it starts: process 1 is an init, which passes signals on', () => {
    expect(lines.find((line) => line.startsWith('ENTRYPOINT'))).toMatch(/^ENTRYPOINT \["tini", "--", /);
    expect(lines.some((line) => line.startsWith('RUN') && /install .*\btini\b/.test(line))).toBe(true);
  });

  it('is not built from secrets, or from what lies about', () => {
    const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
    for (const entry of ['.git', '**/node_modules', '**/dist', '**/build', 'lanecast.yaml', 'deploy'])
      expect(ignored).toContain(entry);
  });
});

const noSystemd = run('systemd-analyze', ['--version']).status !== 0 ? 'systemd-analyze is missing' : '';

describe('the systemd units', () => {
  const units = ['lanecast.service', 'lanecast-watchdog.service'];
  const installed = (args: string[] = []) => run(join(ROOT, 'scripts/install-service.sh'), args, { DESTDIR: folder });

  it('are laid out by the installer, which keeps what is there', () => {
    const first = installed();
    expect([first.status, first.stderr]).toEqual([0, '']);
    const yaml = join(folder, 'etc/lanecast/lanecast.yaml');
    expect(statSync(yaml).mode & 0o777).toBe(0o640);
    for (const unit of units) {
      const text = readFileSync(join(folder, 'etc/systemd/system', unit), 'utf8');
      expect(text).not.toContain('/opt/lanecast');
      const program = /^ExecStart=(\S+)/m.exec(text)![1]!;
      expect(relative(ROOT, program)).toMatch(/^server\/bin\/lanecast(-watchdog)?$/);
      expect(statSync(program).mode & 0o111).toBe(0o111);
    }
    expect(installed().stdout).toContain(`left ${yaml} as it is`);
  });

  it.each([
    [['--nonsense'], /unknown option --nonsense/],
    [['--now', 'x'], /one option at most/],
  ])('are not installed by %j', (args, message) => {
    const { status, stderr } = installed(args);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
  });

  it('have limits that the watchdog understands', () => {
    const env = Object.fromEntries(
      [
        ...`${read('watchdog.env')}\n${read('lanecast-watchdog.service')}`.matchAll(
          /^(?:Environment=)?(LANECAST_\w+)=(.*)$/gm,
        ),
      ].map((match) => [match[1]!, match[2]!]),
    );
    const before = { ...process.env };
    try {
      Object.assign(process.env, env);
      const { target, healthUrl, limits } = watchOptions([]);
      expect(target).toEqual({ kind: 'pid-file', path: '/run/lanecast/lanecast.pid' });
      expect(healthUrl).toBe('http://127.0.0.1:8080/healthz');
      expect(limits.rssMaxBytes).toBeGreaterThan(2 ** 30);
    } finally {
      for (const name of Object.keys(env)) if (!(name in before)) Reflect.deleteProperty(process.env, name);
    }
  });

  it.skipIf(noSystemd)(`are ones that systemd takes without a word${noSystemd && ` (${noSystemd})`}`, () => {
    installed();
    const paths = units.map((unit) => join(folder, 'etc/systemd/system', unit));
    const { status, stdout, stderr } = run('systemd-analyze', ['verify', '--man=no', ...paths]);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it.skipIf(noSystemd).each(units)('expose little: %s', (unit) => {
    const args = ['security', '--offline=true', '--no-pager', '--threshold=30', join(DEPLOY, unit)];
    const { status, stdout } = run('systemd-analyze', args);
    expect(Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThanOrEqual(2);
    expect(status).toBe(0);
  });
});
