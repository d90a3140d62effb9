import { SqlError } from '../../contracts.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';

export function denied(run: StatementRun): SqlError {
  run.throwIfInterrupted();
  return failure(15247, 'User does not have permission to perform this action.');
}

export function failure(number: number, text: string, state = 1): SqlError {
  return new SqlError({ number, class: 16, state, text });
}
