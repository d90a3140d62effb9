import { ConfigError } from './config-issues.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { Problem, wrongInput } from './problem.ts';
import { problemText } from './show/problem.ts';
import { openScreen } from './show/screen.ts';

/** Puts an error before the user, and says with which exit code the command ends. */
export async function report(error: unknown, json: boolean): Promise<ExitCode> {
  const problem = await toProblem(error);
  const screen = openScreen(json);
  if (json)
    screen.data({ error: { ...problem.toJSON(), ...(error instanceof ConfigError && { issues: error.issues }) } });
  else screen.note(problemText(problem));
  return problem.exitCode;
}

async function toProblem(error: unknown): Promise<Problem> {
  if (error instanceof Problem) return error;
  if (error instanceof ConfigError) return wrongInput(error.message, 'Correct the file and try again.');
  const { temporalProblem } = await import('./temporal-errors.ts');
  const known = temporalProblem(error);
  if (known) return known;
  const happened = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const hint = 'This is a defect of mssql-pitr: please report it; MSSQL_PITR_DEBUG=1 shows where it came from.';
  if (process.env['MSSQL_PITR_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return new Problem({ type: 'UnexpectedError', happened, hint, exitCode: exitCodes.failed });
}
