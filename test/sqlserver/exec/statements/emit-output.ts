import type { StatementRun } from '../interpreter/statement-run.ts';
import { buildRow } from '../write/insert-rows.ts';
import type { OutputPlan, OutputRow } from '../write/output-clause.ts';
import { writerFor } from '../write/target.ts';

/** Sends the rows of OUTPUT to the client or into a table; true when the client got a result set. */
export async function emitOutput(
  output: OutputPlan | undefined,
  changes: readonly OutputRow[],
  run: StatementRun,
): Promise<boolean> {
  if (output === undefined) return false;
  const rows = changes.map((change) => output.row(change, run));
  if (output.into !== undefined) {
    const writer = await writerFor(output.into.target, run);
    const table = output.into.target.table(run);
    for (const row of rows) writer.insert(table, buildRow(output.into, row, writer, run));
    return false;
  }
  run.output.columns(output.columns);
  let count = 0;
  for (const row of rows) {
    run.output.row(row);
    if (++count % 64 === 0) await run.output.ready();
  }
  return true;
}
