import { expect, it } from 'vitest';
import { ClassVote } from './class-vote.js';

it('goes by the sum of scores, not by their number', () => {
  const vote = new ClassVote(0, 0.9);
  vote.add(2, 0.3);
  vote.add(2, 0.3);
  expect(vote.winner).toBe(0);
  vote.add(2, 0.5);
  expect(vote.winner).toBe(2);
});

it('keeps its class when another draws level', () => {
  const vote = new ClassVote(3, 0.5);
  vote.add(1, 0.5);
  expect(vote.winner).toBe(3);
  vote.add(1, 0.01);
  expect(vote.winner).toBe(1);
});
