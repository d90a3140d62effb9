import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from './durable.ts';
import { fileFailure, filing, isMissing } from './errors.ts';
import { startTicks } from './process.ts';

/** A partial of another host that was not written to for so long is dead: a live copy writes all the time. */
const deadAfterMs = 10 * 60_000;

/**
 * A new name for a file on its way, in a folder for them (of the same file system, so that it can be given its final
 * name by a link or rename).
 *
 * The name says who writes it: `<file>~<host>-<pid>-<start ticks>-<random>`. There is no lock. A partial is removed by a
 * later attempt when its process is dead, or, where that cannot be seen (another host or pid namespace), when it is old.
 * Should a live one be removed all the same, because its storage hung for ten minutes, giving it its final name fails,
 * and the work is tried again: what stands under a final name is never partial.
 */
export async function newPartial(folder: string, file: string): Promise<string> {
  await filing(`make ${folder}`, () => makeFolders(folder));
  const { host, ticks } = await self();
  return join(folder, `${file}~${host}-${process.pid}-${ticks}-${randomBytes(4).toString('hex')}`);
}

/** Removes what dead attempts left behind. */
export async function removeDeadPartials(folder: string, now = Date.now()): Promise<number> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw fileFailure(error, `list ${folder}`);
  });
  let removed = 0;
  for (const name of names) {
    const path = join(folder, name);
    if (!(await isDead(name, path, now))) continue;
    await filing(`remove ${path}`, () => rm(path, { force: true }));
    removed++;
  }
  return removed;
}

async function isDead(name: string, path: string, now: number): Promise<boolean> {
  const [, host, pid, ticks] = /~([0-9a-f]{8})-(\d+)-(\d+)-[0-9a-f]{8}$/.exec(name) ?? [];
  if (host !== nowhere && host === (await self()).host) return (await startTicks(Number(pid))) !== Number(ticks);
  const found = await stat(path).catch(() => null);
  return found !== null && now - found.mtimeMs > deadAfterMs;
}

/** Of a system without /proc. */
const nowhere = '00000000';

let known: Promise<{ readonly host: string; readonly ticks: number }> | null = null;

/** Who we are: pids and start ticks mean something only within one boot of one kernel and one pid namespace. */
function self(): Promise<{ readonly host: string; readonly ticks: number }> {
  known ??= (async () => {
    const ticks = await startTicks(process.pid);
    if (ticks === null) return { host: nowhere, ticks: 0 };
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const namespace = await readlink('/proc/self/ns/pid');
    return { host: createHash('sha256').update(boot).update(namespace).digest('hex').slice(0, 8), ticks };
  })();
  return known;
}
