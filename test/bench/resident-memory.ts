import { readFileSync } from 'node:fs';

/** Memory of a process that is resident, in bytes, as the kernel counts it (proc_pid_status(5), VmRSS). */
function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  if (kilobytes === undefined) throw new Error(`the process ${pid} has ended`);
  return Number(kilobytes) * 1024;
}

export interface MemorySeen {
  readonly least: number;
  readonly most: number;
}

const everyMs = 100;

/** Looks at a process ten times a second for as long as the work lasts. */
export async function watchMemory<T>(
  pid: number,
  work: () => Promise<T>,
): Promise<MemorySeen & { readonly result: T }> {
  let least = residentBytes(pid);
  let most = least;
  let ended = false;
  const look = (): void => {
    try {
      const now = residentBytes(pid);
      least = Math.min(least, now);
      most = Math.max(most, now);
    } catch {
      ended = true;
    }
  };
  const timer = setInterval(look, everyMs);
  try {
    const result = await work();
    look();
    if (ended) throw new Error(`the process ${pid} ended while it was watched`);
    return { least, most, result };
  } finally {
    clearInterval(timer);
  }
}
