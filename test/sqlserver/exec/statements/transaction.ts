import type { TransactionStatement } from '../../tsql/ast/control.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { textOf } from '../types/convert-text.ts';

export async function executeTransaction(statement: TransactionStatement, run: StatementRun): Promise<Outcome> {
  const { transactions } = run.session;
  const name = await nameOf(statement, run);
  switch (statement.action) {
    case 'begin': {
      const description = await descriptionOf(statement, run);
      transactions.begin(name, statement.mark === undefined ? undefined : { description });
      return { done: { curCmd: 212 } };
    }
    case 'commit':
      transactions.commit();
      return { done: { curCmd: 213 } };
    case 'rollback':
      transactions.rollback(name);
      return { done: { curCmd: 210 } };
    case 'save':
      transactions.save(name);
      return { done: { curCmd: 211 } };
  }
}

async function descriptionOf(statement: TransactionStatement, run: StatementRun): Promise<string> {
  const operand = statement.mark?.description;
  if (operand === undefined) return '';
  const { compiled, value } = await run.evaluate(operand);
  return textOf(value, compiled.type);
}

async function nameOf(statement: TransactionStatement, run: StatementRun): Promise<string> {
  if (statement.name === undefined) return '';
  const { compiled, value } = await run.evaluate(statement.name);
  // Only the first 32 characters of a transaction's name count.
  return textOf(value, compiled.type).slice(0, 32);
}
