import { runProgram } from './program/run-program.ts';
import { mounts, variables } from './program/tasks.ts';

/** The program of the executor's Job: does the one task that it finds in its folder. */
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => stop.abort(new Error(`the program got ${signal}`)));
}
const folder = (name: keyof typeof mounts): string => process.env[variables[name]] ?? mounts[name];

process.exitCode = await runProgram({
  roots: { store: folder('store'), sql: folder('sql') },
  task: folder('task'),
  signal: stop.signal,
  // To a pipe or file, as in a container, this is written before it returns.
  write: (line) => void process.stdout.write(line),
});
