/** Commits sets in a process of its own that dies on the way; prints how many calls there were. */
import { dieAtCall } from './die-at.ts';

const { roots, instance, sets, dieAt } = JSON.parse(process.argv[2]!);
const calls = await dieAtCall(dieAt);
const { commit } = await import('../../../activities/executor/commit.ts');
const control = { signal: new AbortController().signal, progress: () => {} };
const { failed } = await commit({ instance, sets }, roots, control);
process.stdout.write(JSON.stringify({ calls: calls(), failed }));
