import type { ChildProcess } from 'node:child_process';

/** A test process that is told to stop (the runner's time limit, Ctrl-C) takes along what it started. */
const started = new Set<() => void>();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const kill of started) kill();
    process.exit(1);
  });
}
process.once('exit', () => {
  for (const kill of started) kill();
});

export function takeAlong(child: ChildProcess): void {
  const kill = (): void => void child.kill('SIGKILL');
  started.add(kill);
  child.once('exit', () => started.delete(kill));
}

export function takeAlongPid(pid: number): () => void {
  const kill = (): void => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  };
  started.add(kill);
  return () => started.delete(kill);
}
