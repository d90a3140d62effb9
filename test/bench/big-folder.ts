import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface BigFolder extends AsyncDisposable {
  readonly path: string;
}

/**
 * A temporary folder for gigabytes. Even when the process is told to stop in the middle, it is removed, and with it the servers
 * that restores made in it, which outlive whoever started them.
 * @throws Error when the disk has no room for so many bytes
 */
export async function openBigFolder(neededBytes: number): Promise<BigFolder> {
  const { bavail, bsize } = await statfs(tmpdir());
  const free = bavail * bsize;
  if (free < neededBytes) {
    const [has, needs] = [free, neededBytes].map((bytes) => (bytes / 1e9).toFixed(1));
    throw new Error(`${tmpdir()} has ${has} GB free and ${needs} GB are needed; TMPDIR can name another place`);
  }
  const path = await mkdtemp(join(tmpdir(), 'mssql-pitr-'));
  const remove = (): void => {
    endServersIn(path);
    rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', remove);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
      process.off('exit', remove);
    },
  };
}

function endServersIn(folder: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (command.some((argument) => argument.startsWith(`${folder}/`))) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}
