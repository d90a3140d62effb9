import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

/**
 * Has a cluster stopped should this process end before the function returned is called, in whatever way it is told to.
 * Another process does it: it waits for this one to let go of the cluster's lock, and then nothing starts any more.
 */
export function stopWhenThisProcessEnds(name: string): () => void {
  const stop = (): void => {
    spawn(process.execPath, [main, 'down', '--name', name], { detached: true, stdio: 'ignore' }).unref();
  };
  const exit = (): never => process.exit(130);
  process.once('exit', stop);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, exit);
  return () => {
    process.off('exit', stop);
    for (const signal of signals) process.off(signal, exit);
  };
}
