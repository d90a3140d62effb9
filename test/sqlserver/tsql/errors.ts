import { SqlError, type SqlMessage } from '../contracts.ts';

/** A compile error: the whole batch does not run. Class and text of sys.messages. */
export function syntaxError(number: number, text: string, line: number, severity = 15, state = 1): SqlError {
  return new SqlError({ number, class: severity, state, text, line });
}

export const incorrectSyntax = (near: string, line: number): SqlError =>
  syntaxError(102, `Incorrect syntax near '${near}'.`, line);

export const incorrectKeyword = (keyword: string, line: number): SqlError =>
  syntaxError(156, `Incorrect syntax near the keyword '${keyword}'.`, line);

/** What the real server knows and this one does not: never a wrong answer, always this text. */
export function unsupported(what: string, line?: number): SqlError {
  const message: SqlMessage = {
    number: 40510,
    class: 16,
    state: 1,
    text: `Statement '${what}' is not supported in this version of SQL Server.`,
    ...(line === undefined ? {} : { line }),
  };
  return new SqlError(message);
}
