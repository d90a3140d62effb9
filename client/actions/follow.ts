import { setTimeout as pause } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { commandName } from '../command-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { Problem } from '../problem.ts';
import { readRun, type RunSnapshot } from '../run.ts';
import { problemText } from '../show/problem.ts';
import { openPace, type Pace } from '../show/pace.ts';
import { changedSteps, runLines } from '../show/progress.ts';
import type { Screen } from '../show/screen.ts';
import { failureDetails, temporalProblem } from '../temporal-errors.ts';
import type { Session } from './session.ts';

const betweenLooksMs = 700;

/** Such a failure comes at the end of a run, and its details are the run's result. */
export function carriesResult(type: string): boolean {
  return ['BackupIncomplete', 'ImportIncomplete', 'StoreDamaged'].includes(type);
}

type End =
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly problem: Problem; readonly error: unknown }
  | { readonly kind: 'interrupted' };

/** How a result is put before people. */
export type Show = (screen: Screen, result: unknown) => void;

/** Watches a run to its end and shows the result. Ctrl-C stops the watching, never the run. */
export async function follow(session: Session, handle: WorkflowHandle, show: Show): Promise<ExitCode> {
  const { screen } = session;
  const { workflowId } = handle;
  const end = await watch(session, handle);
  switch (end.kind) {
    case 'done':
      show(screen, end.result);
      screen.data({ workflowId, state: 'COMPLETED', result: end.result });
      return exitCodes.ok;
    case 'failed': {
      const [details] = failureDetails(end.error);
      if (carriesResult(end.problem.type) && details) show(screen, details);
      screen.data({ workflowId, state: 'FAILED', failure: end.problem, ...(details ? { details } : {}) });
      if (!screen.json) screen.note(problemText(end.problem));
      return end.problem.exitCode;
    }
    case 'interrupted':
      screen.note(detachedText(workflowId));
      return exitCodes.interrupted;
  }
}

export function detachedText(workflowId: string): string {
  return [
    'The run goes on by itself.',
    `  watch it:  ${commandName} status ${workflowId} --watch`,
    `  cancel it: ${commandName} cancel ${workflowId}`,
  ].join('\n');
}

async function watch(session: Session, handle: WorkflowHandle): Promise<End> {
  const stop = new AbortController();
  const interrupted = Promise.withResolvers<End>();
  const onInterrupt = (): void => interrupted.resolve({ kind: 'interrupted' });
  process.once('SIGINT', onInterrupt);
  // The question for the result stays open for long; aborted, it does not keep the command from ending.
  const ended = session.client
    .withAbortSignal(stop.signal, () => handle.result())
    .then(
      (result): End => ({ kind: 'done', result }),
      (error: unknown): End => {
        const problem = temporalProblem(error);
        if (problem === null) throw error;
        return { kind: 'failed', problem, error };
      },
    );
  const pace = openPace();
  const looking = look(session, handle, stop.signal, pace);
  try {
    const end = await Promise.race([ended, interrupted.promise]);
    stop.abort();
    const seen = await looking;
    if (end.kind !== 'interrupted') await lookOnce(session, handle, seen, pace);
    return end;
  } finally {
    process.off('SIGINT', onInterrupt);
    stop.abort();
    session.screen.keep();
    ended.catch(() => undefined);
  }
}

/** Shows progress until told to stop, and returns what it saw last. */
async function look(
  session: Session,
  handle: WorkflowHandle,
  stop: AbortSignal,
  pace: Pace,
): Promise<RunSnapshot | null> {
  let seen: RunSnapshot | null = null;
  while (!stop.aborted) {
    seen = await lookOnce(session, handle, seen, pace);
    await pause(betweenLooksMs, undefined, { signal: stop }).catch(() => undefined);
  }
  return seen;
}

/** Progress is a comfort: when it cannot be read, the wait for the result goes on. */
async function lookOnce(
  { client, screen }: Session,
  handle: WorkflowHandle,
  before: RunSnapshot | null,
  pace: Pace,
): Promise<RunSnapshot | null> {
  const run = await readRun(client, handle).catch(() => null);
  if (run === null) return before;
  showProgress(screen, before, run, pace);
  return run;
}

function showProgress(screen: Screen, before: RunSnapshot | null, run: RunSnapshot, pace: Pace): void {
  const now = Date.now();
  if (screen.live) screen.draw(runLines(run, screen.width, now, pace.look(run, now)));
  else for (const line of changedSteps(before?.progress ?? null, run.progress)) screen.note(line);
}
