/** Commits sets in a process of its own that dies on the way; prints how many calls there were. */
import type { Roots, StagedSet } from '../../../activities/executor/tasks.ts';
import { dieAtCall } from './die-at.ts';

const { roots, instance, sets, dieAt } = JSON.parse(process.argv[2]!) as {
  roots: Roots;
  instance: string;
  sets: StagedSet[];
  dieAt: number;
};
const calls = await dieAtCall(dieAt);
const { commit } = await import('../../../activities/executor/commit.ts');
const control = { signal: new AbortController().signal, progress: () => {} };
const { failed } = await commit({ instance, sets }, roots, control);
process.stdout.write(JSON.stringify({ calls: calls(), failed }));
