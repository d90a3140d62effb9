import { readFile } from 'node:fs/promises';
import { errnoOf } from './errors.ts';

/**
 * When a process started, in clock ticks since boot (field 22 of /proc/<pid>/stat, proc(5)): with the pid it names a
 * process for good, where the pid alone is used again. A dead process that nobody has waited for (a zombie) counts as
 * gone.
 * @returns null when there is no such process
 */
export async function startTicks(pid: number): Promise<number | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The command name is in parentheses and may hold spaces and parentheses itself.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : Number(fields[19]);
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errnoOf(error) ?? '')) return null;
    throw error;
  }
}
