import { expect, it } from 'vitest';
import { SnapshotRequests } from './snapshot-requests.js';

it('answers everybody once there is a picture, and those who waited long with what there is', () => {
  let newest: string | null = null;
  const requests = new SnapshotRequests(() => newest);
  const answers: (string | null)[] = [];
  expect(requests.isWanted(0)).toBe(false);
  requests.add((picture) => answers.push(picture), 0);
  requests.add((picture) => answers.push(picture), 1000);
  expect(requests.isWanted(4000)).toBe(true);
  requests.answerLate(1400);
  expect(answers).toEqual([]);
  requests.answerLate(1600);
  expect(answers).toEqual([null]);
  newest = 'picture';
  requests.answerAll();
  requests.answerAll();
  requests.answerLate(9000);
  expect(answers).toEqual([null, 'picture']);
  expect(requests.isWanted(7000)).toBe(false);
});
