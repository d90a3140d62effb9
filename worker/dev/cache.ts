import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'mssql-pitr', 'bin');
}

export interface CachedFile {
  readonly path: string;
  /** Called once when another process is making the file. */
  readonly waiting: (pid: number) => void;
  /** Makes the file in this empty folder and returns its path. */
  readonly make: (folder: string) => Promise<string>;
  readonly pollMs?: number;
}

/**
 * A file that takes long to make: made once, by one of the processes that want it at the same time, and put in place whole.
 * A lock of a process that died is taken over; should two take it over at the same moment, both make the file and the
 * later one replaces the first by its equal.
 */
export async function cached({ path, waiting, make, pollMs = 300 }: CachedFile): Promise<string> {
  const lock = `${path}.lock`;
  await mkdir(join(path, '..'), { recursive: true });
  let told = false;
  while (!existsSync(path)) {
    if (await takeLock(lock)) {
      try {
        if (!existsSync(path)) await putInPlace(path, make);
      } finally {
        await rm(lock, { force: true });
      }
      continue;
    }
    const holder = await lockHolder(lock);
    if (holder !== null && !isAlive(holder)) await rm(lock, { force: true });
    else if (holder !== null && !told) {
      waiting(holder);
      told = true;
    }
    await pause(pollMs);
  }
  return path;
}

async function putInPlace(path: string, make: (folder: string) => Promise<string>): Promise<void> {
  const folder = `${path}.making-${process.pid}`;
  await mkdir(folder, { recursive: true });
  try {
    await rename(await make(folder), path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Null while its holder has not written its name yet, or has just let go. */
async function lockHolder(lock: string): Promise<number | null> {
  const text = await readFile(lock, 'utf8').catch(() => '');
  return /^\d+$/.test(text) ? Number(text) : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
