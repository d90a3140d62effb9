import { SqlError } from '../../contracts.ts';
import type { Batch } from '../../tsql/ast/statement.ts';
import { Activation } from '../session/activation.ts';
import type { Output } from '../session/output.ts';
import type { ExecSession } from '../session/session.ts';
import { Interpreter } from './interpreter.ts';
import { parseCached } from './parse-cache.ts';
import { Aborted } from './signals.ts';
import { declareTables } from './table-variables.ts';

/** A SQL batch of the client. */
export async function runBatch(session: ExecSession, text: string, output: Output, signal: AbortSignal): Promise<void> {
  let batch: Batch;
  try {
    batch = parseCached(text, session.settings.isOn('QUOTED_IDENTIFIER'));
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    compileFailed(session, error, output);
    return;
  }
  const activation = new Activation({ kind: 'batch', output, declarations: batch.declarations, text });
  declareTables(activation, session);
  session.activation = activation;
  try {
    await new Interpreter(session, activation, signal).run(batch.statements);
  } catch (error) {
    if (!(error instanceof Aborted)) throw error;
  }
  endOfBatch(session, output);
}

/** Nothing of the batch runs. */
export function compileFailed(session: ExecSession, error: SqlError, output: Output): void {
  for (const message of error.messages) output.message({ line: 1, ...message });
  session.lastError = error.messages.at(-1)?.number ?? 0;
  output.complete({ curCmd: 253, failed: true });
}

/** 3998: a doomed transaction does not outlive its batch. */
export function endOfBatch(session: ExecSession, output: Output): void {
  if (!session.transactions.doomed) return;
  session.transactions.rollbackAll();
  output.message({
    number: 3998,
    class: 16,
    state: 1,
    text: 'Uncommittable transaction is detected at the end of the batch. The transaction is rolled back.',
    line: 1,
  });
  output.complete({ curCmd: 253, failed: true });
}
