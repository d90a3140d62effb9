import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

interface Hierarchy {
  readonly path: string;
  readonly unified: boolean;
}

/** Makes a cgroup of this name in every hierarchy. Kubelets that share one kill each other's pods. */
export async function makeCgroup(name: string): Promise<void> {
  for (const { path, unified } of hierarchies()) {
    const folder = join(path, name);
    if (unified) await enableControllers(path);
    await mkdir(folder, { recursive: true });
    if (unified) await enableControllers(folder);
    // Version 1: a new cpuset is empty, and takes no process until it has both.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (!unified && existsSync(join(folder, file))) {
        await writeFile(join(folder, file), await readFile(join(path, file)));
      }
    }
  }
}

/** Removes the cgroups of this name and all below them. Their processes have ended. */
export async function removeCgroup(name: string): Promise<void> {
  await emptyCgroup(name);
  for (const { path } of hierarchies()) await removeFolder(join(path, name));
}

/** Removes all below the cgroups of this name, as a machine that starts has none. */
export async function emptyCgroup(name: string): Promise<void> {
  for (const { path } of hierarchies()) await removeBelow(join(path, name));
}

/**
 * Version 2, or version 1 with a hierarchy for each controller, beside which there may be one of version 2 without any.
 * Only version 1 has been run so far.
 */
function hierarchies(): Hierarchy[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
    .map(([, path = '', type]) => ({ path, unified: type === 'cgroup2' }));
}

async function enableControllers(folder: string): Promise<void> {
  const controllers = (await readFile(join(folder, 'cgroup.controllers'), 'utf8')).trim();
  if (controllers === '') return;
  const wanted = controllers.split(' ').map((controller) => `+${controller}`);
  await writeFile(join(folder, 'cgroup.subtree_control'), wanted.join(' '));
}

async function removeBelow(folder: string): Promise<void> {
  const entries = existsSync(folder) ? await readdir(folder, { withFileTypes: true }) : [];
  for (const entry of entries.filter((each) => each.isDirectory())) {
    await removeBelow(join(folder, entry.name));
    await removeFolder(join(folder, entry.name));
  }
}

async function removeFolder(folder: string): Promise<void> {
  // The kernel lets go of a cgroup a moment after the end of its last process.
  for (const deadline = Date.now() + 10_000; ; await pause(20)) {
    try {
      await rmdir(folder);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || Date.now() > deadline) throw error;
    }
  }
}
