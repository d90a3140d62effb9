import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cached, cacheFolder } from './cache.ts';
import { buildTemporal, downloadTemporal, type Maker } from './temporal-makers.ts';

export interface TemporalBinaryOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Tells the user what is going on. */
  readonly say: (line: string) => void;
  /** Ways to get the program, in the order in which they are tried. For tests. */
  readonly makers?: readonly Maker[];
}

/**
 * The `temporal` program, which has the server and its UI inside: TEMPORAL_CLI, else the one on the PATH, else the one in
 * the cache, which is filled by the SDK's download, else by building it with Go.
 */
export async function temporalBinary({
  env = process.env,
  say,
  makers = [downloadTemporal, buildTemporal],
}: TemporalBinaryOptions): Promise<string> {
  const named = env['TEMPORAL_CLI'];
  if (named) {
    if (isProgram(named)) return named;
    throw new Error(`TEMPORAL_CLI names ${named}, which is not a program. Correct it, or unset it.`);
  }
  const onPath = (env['PATH'] ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, 'temporal'))
    .find(isProgram);
  if (onPath !== undefined) return onPath;
  return cached({
    path: join(cacheFolder(env), 'temporal'),
    waiting: (pid) => say(`Process ${pid} is getting the temporal program; waiting for it …`),
    make: (folder) => makeByAny(makers, folder, say),
  });
}

async function makeByAny(makers: readonly Maker[], folder: string, say: (line: string) => void): Promise<string> {
  const failed: string[] = [];
  for (const { what, make } of makers) {
    say(`${what} …`);
    const begun = Date.now();
    try {
      const path = await make(folder);
      say(`${what}: done in ${((Date.now() - begun) / 1000).toFixed(0)} s`);
      return path;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failed.push(`${what}: ${reason}`);
      say(`${what}: did not work (${reason})`);
    }
  }
  throw new Error(
    ['There is no temporal program, and none could be had:', ...failed.map((line) => `  ${line}`)].join('\n') +
      '\nInstall the Temporal CLI, and set TEMPORAL_CLI to its path or put it on the PATH.',
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
