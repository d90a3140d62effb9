import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporalBinary } from '../../../worker/dev/temporal-binary.ts';
import { cliMain } from '../../client/cli.ts';
import type { Stack } from '../../support/stack.ts';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The commands that the texts take for given; npx looks into a project, which the folder of the stack is not. */
export async function openShell(stack: Pick<Stack, 'folder' | 'temporal'>): Promise<NodeJS.ProcessEnv> {
  const bin = join(stack.folder, 'bin');
  const home = join(stack.folder, 'home');
  await mkdir(bin);
  await mkdir(join(home, '.config', 'fish', 'completions'), { recursive: true });
  const script = (name: string, line: string): Promise<void> =>
    writeFile(join(bin, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  await script('mssql-pitr', `exec ${process.execPath} ${cliMain} "$@"`);
  await script('pitr', 'exec mssql-pitr "$@"');
  await script('npx', 'export npm_command=exec; exec "$@"');
  await symlink(await temporalBinary({ say: (line) => process.stderr.write(`${line}\n`) }), join(bin, 'temporal'));
  const { PATH, LANG } = process.env;
  return {
    PATH: `${bin}:${PATH}`,
    HOME: home,
    TEMPORAL_ADDRESS: stack.temporal.address,
    COLUMNS: '100',
    TZ: 'UTC',
    ...(LANG === undefined ? {} : { LANG }),
  };
}

interface BashOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Called at the first output, and at the end. */
  readonly onWord: () => unknown;
}

export function bash(command: string, { cwd, env, onWord }: BashOptions): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  let spoken: Promise<unknown> | null = null;
  const speak = (): Promise<unknown> => (spoken ??= Promise.resolve(onWord()));
  const child = execFile('bash', ['-c', command], { cwd, env, timeout: 120_000 }, (error, stdout, stderr) => {
    const code = error === null ? 0 : error.code;
    if (typeof code === 'number') speak().then(() => resolve({ code, stdout, stderr }), reject);
    else reject(new Error(`${command} was ended: ${stderr}`, { cause: error }));
  });
  for (const stream of [child.stdout, child.stderr]) stream?.once('data', () => void speak().catch(reject));
  return promise;
}
