import { restore } from '../support/runs.ts';
import type { Stack } from '../support/stack.ts';
import { controlOfMade } from '../support/targets.ts';
import { openWorkload } from '../support/workload.ts';
import { rowsAt, type Writers } from './writers.ts';

export interface Proof {
  readonly targetTime: string;
  readonly seconds: number;
  /** Rows that were compared. */
  readonly rows: number;
  /** Databases with a row in flight at the target time, which may be there or not. */
  readonly inFlight: number;
  /** One line for each database that is not as it was. */
  readonly wrong: readonly string[];
}

/** Restores every database to one moment and compares it, row by row, with what was committed up to then. */
export async function prove(stack: Stack, targetMs: number, { commits }: Writers): Promise<Proof> {
  const targetTime = new Date(targetMs).toISOString();
  const begun = Date.now();
  await restore(stack, { target: 'soak-target', to: targetTime });
  const seconds = (Date.now() - begun) / 1000;
  const { made } = await controlOfMade(stack.instancesFolder, 'soak-target');
  const target = await openWorkload(made.port, stack.password);
  try {
    const found = { rows: 0, inFlight: 0, wrong: [] as string[] };
    for (const [database, committed] of commits) {
      const { least, most } = rowsAt(committed, targetMs);
      const notes = await target.notes(database);
      const strange = notes.findIndex((note, i) => note !== String(i));
      if (strange >= 0) found.wrong.push(`${database}: row ${strange} is ${JSON.stringify(notes[strange])}`);
      if (notes.length < least || notes.length > most) {
        found.wrong.push(
          `${database}: ${notes.length} rows, and ${least}${most > least ? ` to ${most}` : ''} were committed`,
        );
      }
      found.rows += notes.length;
      if (most > least) found.inFlight += 1;
    }
    return { targetTime, seconds, ...found };
  } finally {
    await target.close();
  }
}
