import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One way to get the program. */
export interface Maker {
  /** As told to the user. */
  readonly what: string;
  /** Puts the program into this folder and returns its path. */
  readonly make: (folder: string) => Promise<string>;
}

/** A release that `go install` can build: later ones have replace directives in their go.mod. */
const buildable = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';

/** In a process of its own, because the SDK's download cannot be stopped from outside. */
export const downloadTemporal: Maker = {
  what: 'Downloading the temporal program (about 60 MB, at most two minutes)',
  async make(folder) {
    const script = fileURLToPath(new URL('./download-temporal.ts', import.meta.url));
    await run(process.execPath, [script, folder], { timeout: 120_000, killSignal: 'SIGKILL' }).catch(shorten);
    return programIn(folder);
  },
};

export const buildTemporal: Maker = {
  what: 'Building the temporal program with Go (about five minutes, once)',
  async make(folder) {
    const env = { ...process.env, GOBIN: folder };
    await run('go', ['install', buildable], { env, timeout: 30 * 60_000, maxBuffer: 64 * 1024 * 1024 }).catch(shorten);
    return programIn(folder);
  },
};

async function programIn(folder: string): Promise<string> {
  const name = (await readdir(folder)).find((each) => each.startsWith('temporal'));
  if (name === undefined) throw new Error(`nothing named temporal came out of it in ${folder}`);
  return join(folder, name);
}

/** What a program said last is what went wrong; its whole output is not for a one-line message. */
function shorten(error: unknown): never {
  const { stderr = '', killed, code } = error as { stderr?: string; killed?: boolean; code?: unknown };
  if (killed) throw new Error('it took too long', { cause: error });
  if (code === 'ENOENT') throw new Error('the program for it is not installed', { cause: error });
  const last = stderr.trim().split('\n').at(-1) || String(error);
  throw new Error(last.length <= 160 ? last : `… ${last.slice(-150)}`, { cause: error });
}
