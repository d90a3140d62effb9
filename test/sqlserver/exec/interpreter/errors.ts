import { SqlError } from '../../contracts.ts';

/** Errors of planning a statement (names, types): they end the batch or module they occur in. */
const compileErrors = new WeakSet<SqlError>();

export function asCompileError(error: SqlError): SqlError {
  compileErrors.add(error);
  return error;
}

export function isCompileError(error: SqlError): boolean {
  return compileErrors.has(error);
}

/**
 * Errors that end the whole batch and roll back, whatever XACT_ABORT says: conversions of text, deadlocks, nesting.
 * After "Error and Transaction Handling in SQL Server"; a SELECT with a failing CAST of text does not go on.
 */
const BATCH_ABORTING = new Set([
  217, 241, 242, 245, 248, 293, 295, 296, 529, 1204, 1205, 3609, 3930, 3998, 8114, 8169, 9420, 13609,
]);

export function abortsBatch(error: SqlError): boolean {
  return error.messages.some((message) => BATCH_ABORTING.has(message.number));
}

/** An expression that nests deeper than the stack. */
export function stackLimit(): SqlError {
  return new SqlError({
    number: 8631,
    class: 17,
    state: 1,
    text: 'Internal error: Server stack limit has been reached. Please look for potentially deep nesting in your query, and try to simplify it.',
  });
}

/** 3621 follows run-time errors of these statements. */
export const TERMINATED = { number: 3621, class: 0, state: 0, text: 'The statement has been terminated.' } as const;
