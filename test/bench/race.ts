import { execFileSync } from 'node:child_process';
import { quoteName } from '../../workflows/domain/quoting.ts';
import { restore } from '../support/runs.ts';
import type { Stack } from '../support/stack.ts';
import { controlOfMade } from '../support/targets.ts';
import { openWorkload, type Workload } from '../support/workload.ts';
import { bareRestore, type BareTarget, type BareTimes } from './bare-restore.ts';
import { bareDatabases } from './chains.ts';
import { secondsOf } from './median.ts';

export interface RaceOptions {
  readonly stack: Stack;
  /** An instance that a restore has made. */
  readonly target: string;
  readonly moment: string;
  /** What the databases hold at the moment. */
  readonly notes: readonly string[];
}

/** Product and script in turns, on the same server and from the same files; what they made is looked at, and dropped. */
export interface Race extends AsyncDisposable {
  /** Seconds from the request to the result. */
  product(databases: readonly string[]): Promise<number>;
  /** @param lanes databases at a time */
  script(databases: readonly string[], lanes: number): Promise<BareTimes>;
}

export async function openRace({ stack, target, moment, notes }: RaceOptions): Promise<Race> {
  const { made } = await controlOfMade(stack.instancesFolder, target);
  const bare: BareTarget = { port: made.port, password: stack.password, dataRoot: made.dataRoot };
  const client = await openWorkload(made.port, stack.password);
  const renamed = (databases: readonly string[], by: string): Record<string, string> =>
    Object.fromEntries(databases.map((database) => [database, `${database}_${by}`]));
  return {
    async product(databases) {
      const rename = renamed(databases, 'product');
      writeOut();
      const taken = await secondsOf(() => restore(stack, { target, to: moment, databases, rename }));
      await lookAndDrop(client, Object.values(rename), notes);
      return taken;
    },
    async script(databases, lanes) {
      const rename = renamed(databases, 'script');
      const chains = await bareDatabases(stack, rename, moment);
      writeOut();
      const times = await bareRestore(bare, chains, lanes);
      await lookAndDrop(client, Object.values(rename), notes);
      return times;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** What the one before left to be written must not slow this one down. */
function writeOut(): void {
  execFileSync('sync');
}

async function lookAndDrop(client: Workload, databases: readonly string[], notes: readonly string[]): Promise<void> {
  for (const database of databases) {
    const found = (await client.notes(database)).join(', ');
    if (found !== notes.join(', ')) throw new Error(`${database} holds ${found}, not ${notes.join(', ')}`);
    await client.query(`DROP DATABASE ${quoteName(database)}`);
  }
}
