import { exitCodes, type ExitCode } from './exit-codes.ts';

interface ProblemFacts {
  /** Stable: a failure type of ours, or what the command line itself found. */
  readonly type: string;
  readonly happened: string;
  /** What to do next. */
  readonly hint?: string;
  readonly exitCode: ExitCode;
}

/** An error as the user of the command line sees it: a type, what happened, what to do. Never a stack. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly type: string;
  readonly hint: string;
  readonly exitCode: ExitCode;

  constructor({ type, happened, hint = '', exitCode }: ProblemFacts) {
    super(happened);
    this.type = type;
    this.hint = hint;
    this.exitCode = exitCode;
  }

  toJSON(): { type: string; message: string; hint: string } {
    return { type: this.type, message: this.message, hint: this.hint };
  }
}

export function wrongInput(happened: string, hint = ''): Problem {
  return new Problem({ type: 'InvalidInput', happened, hint, exitCode: exitCodes.wrongInput });
}
