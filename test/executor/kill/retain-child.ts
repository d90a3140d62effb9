/** Removes backups in a process of its own that dies on the way; prints how many calls there were. */
import type { Roots, Tasks } from '../../../activities/executor/tasks.ts';
import { dieAtCall } from './die-at.ts';

const { roots, input, dieAt } = JSON.parse(process.argv[2]!) as {
  roots: Roots;
  input: Tasks['retain']['input'];
  dieAt: number;
};
const calls = await dieAtCall(dieAt);
const { retain } = await import('../../../activities/executor/retention/retain.ts');
const { databases } = await retain(input, roots, { signal: new AbortController().signal, progress: () => {} });
process.stdout.write(JSON.stringify({ calls: calls(), databases }));
