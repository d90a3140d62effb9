import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { compareLsn } from '../../workflows/domain/lsn.ts';
import { stopAtLiteral } from '../../workflows/domain/stop-at.ts';
import { backUp } from '../support/runs.ts';
import type { Stack } from '../support/stack.ts';
import { filesBelow, readManifests } from '../support/store.ts';
import type { Workload } from '../support/workload.ts';
import type { BareDatabase } from './bare-restore.ts';

const logBackups = 3;

export interface ChainSizes {
  /** Of each full and of each log backup as it lies in the store. */
  readonly fullMegabytes: number;
  readonly logMegabytes: number;
}

/**
 * Makes databases with a full and three log backups each in the store.
 * @returns a moment inside the last log, UTC, and what the databases hold then
 */
export async function makeChains(
  stack: Pick<Stack, 'client' | 'taskQueue'> & { readonly source: Pick<Stack['source'], 'control'> },
  source: Workload,
  databases: readonly string[],
  { fullMegabytes, logMegabytes }: ChainSizes,
): Promise<{ readonly moment: string; readonly notes: readonly string[] }> {
  const grow = (path: string, megabytes: number): Promise<unknown> =>
    stack.source.control.request('POST', `/databases/${path}`, { megabytes });
  for (const database of databases) {
    await source.create(database);
    // Half of each page of ballast is random, so half of it is left when it is compressed.
    await grow(`${database}/ballast`, 2 * fullMegabytes);
  }
  await backUp(stack, 'full', databases);
  await pause(2_100);
  const notes: string[] = [];
  let moment = '';
  for (let n = 1; n <= logBackups; n += 1) {
    for (const database of databases) {
      await grow(`${database}/ballast/log`, logMegabytes);
      await source.write(database, `before ${n}`);
    }
    await pause(20);
    moment = await source.now();
    await pause(20);
    for (const database of databases) await source.write(database, `after ${n}`);
    notes.push(...(n > 1 ? [`after ${n - 1}`] : []), `before ${n}`);
    // Headers carry whole seconds: a log of the same second does not prove that it covers the moment.
    await pause(1_100);
    await backUp(stack, 'log', databases);
  }
  return { moment, notes };
}

/** The chains as a script needs them: which files, in which order. */
export async function bareDatabases(
  stack: Stack,
  rename: Readonly<Record<string, string>>,
  moment: string,
): Promise<readonly BareDatabase[]> {
  const sets = await readManifests(stack);
  const pathOf = new Map((await filesBelow(stack.storePath)).map((path) => [basename(path), path]));
  return Object.entries(rename).map(([database, as]) => ({
    as,
    stopAt: stopAtLiteral(Date.parse(moment), 0),
    backups: sets
      .filter((set) => set.database === database)
      .sort((a, b) => (a.kind === b.kind ? compareLsn(a.firstLsn, b.firstLsn) : a.kind === 'full' ? -1 : 1))
      .map((set) => ({ set, path: pathOf.get(set.files[0]?.name ?? '') ?? '' })),
  }));
}
