import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findProgram } from './find-program.ts';

/**
 * Does work that only one process of this machine may do at a time. The kernel holds the lock for a helper that ends with
 * its standard input, so a process that is killed lets go of it.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const holder = spawn(findProgram('flock') ?? 'flock', [path, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = once(holder, 'exit');
  const [first] = (await Promise.race([once(holder.stdout, 'data'), ended])) as unknown[];
  if (!String(first).startsWith('held')) throw new Error(`flock ${path}: ended before it held the lock`);
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
