import { beforeEach, expect, it, vi } from 'vitest';
import { cameraApi, type EditAnswer, RefusedError } from './camera-api.js';
import { cameraManager as manager } from './camera-manager.svelte.js';
import type { ServerConfig } from './camera-types.js';

vi.mock('../state/dashboard.svelte.js', () => ({ dashboard: { refresh: vi.fn() } }));
vi.mock('../state/session.svelte.js', () => ({
  session: { current: { tokenNeeded: false, grant: null }, load: () => Promise.resolve() },
}));

const source = { file: 'lanecast.yaml', persistent: true, error: null, needsRestart: [] };
const configOf = (...ids: string[]): ServerConfig => ({
  streams: ids.map((id) => ({ id, url: 'rtsp://10.0.0.7/live' })),
  ingest: { transport: 'tcp' },
  speed: { scaleMPerPx: 0.05 },
  source,
});
const shown = (): string[] | undefined => manager.config?.streams.map(({ id }) => id);
const yard = { id: 'yard', url: 'rtsp://10.0.0.7/live' };

beforeEach(() => {
  vi.restoreAllMocks();
  manager.config = null;
  manager.failure = null;
  manager.show();
});

it('goes back to the list with what was done', async () => {
  vi.spyOn(cameraApi, 'add').mockResolvedValue({ id: 'yard', persisted: false });
  vi.spyOn(cameraApi, 'config').mockResolvedValue(configOf('yard'));
  manager.show('add');
  expect(await manager.save(yard, null)).toBeNull();
  expect([manager.view, manager.done, shown()]).toEqual([
    { kind: 'list' },
    'yard was added, until the server ends',
    ['yard'],
  ]);
});

it('stays where it is and says why, when the server refuses', async () => {
  vi.spyOn(cameraApi, 'add').mockRejectedValue(new RefusedError({ code: 'stream-exists', detail: 'it is there' }));
  manager.show('add');
  const { view } = manager;
  expect(await manager.save(yard, null)).toMatchObject({ field: 'id' });
  expect([manager.view, manager.done]).toEqual([view, '']);
});

it('leaves a form alone that was opened while another camera was being saved', async () => {
  let answer: (answer: EditAnswer) => void = () => undefined;
  vi.spyOn(cameraApi, 'remove').mockReturnValue(new Promise((resolve) => (answer = resolve)));
  vi.spyOn(cameraApi, 'config').mockResolvedValue(configOf());
  manager.view = { kind: 'remove', id: 'yard' };
  const removed = manager.remove('yard');
  manager.view = { kind: 'form', camera: null };
  answer({ id: 'yard', persisted: true });
  expect(await removed).toBeNull();
  expect(manager.view).toEqual({ kind: 'form', camera: null });
});

it('shows the cameras of the last question, also when the answer to an earlier one comes after it', async () => {
  const answers: ((config: ServerConfig) => void)[] = [];
  vi.spyOn(cameraApi, 'config').mockImplementation(() => new Promise((resolve) => answers.push(resolve)));
  const loads = [manager.load(), manager.load()];
  answers[1]!(configOf('gate', 'yard'));
  await loads[1];
  answers[0]!(configOf('gate'));
  await loads[0];
  expect(shown()).toEqual(['gate', 'yard']);
});
