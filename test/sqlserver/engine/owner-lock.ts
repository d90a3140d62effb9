import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Owner {
  readonly pid: number;
  readonly started: string;
}

/**
 * Start time of a process in clock ticks (proc(5), /proc/pid/stat, field 22): a process id alone is used again. One that has died
 * and that nobody has waited for yet is gone.
 */
function startOf(pid: number): string | undefined {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return undefined;
  const stat = readFileSync(path, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

/** Two servers over the same files would destroy them. @throws Error when another live process has them open */
export function takeDataRoot(dataRoot: string): void {
  const path = join(dataRoot, '.owner');
  if (existsSync(path)) {
    const owner = JSON.parse(readFileSync(path, 'utf8')) as Owner;
    if (owner.pid !== process.pid && startOf(owner.pid) === owner.started) {
      throw new Error(`${dataRoot} is in use by process ${owner.pid}`);
    }
  }
  const started = startOf(process.pid) ?? '';
  writeFileSync(path, JSON.stringify({ pid: process.pid, started } satisfies Owner));
}

/** A clean stop says so; after a kill the next start finds that the owner is gone. */
export function releaseDataRoot(dataRoot: string): void {
  rmSync(join(dataRoot, '.owner'), { force: true });
}
