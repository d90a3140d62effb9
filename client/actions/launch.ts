import type { Workflow } from '@temporalio/client';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { detachedText, follow, type Show } from './follow.ts';
import { withTemporal, type SessionOptions } from './session.ts';
import { noteMissingWorker, start, type Start } from './start.ts';

export interface LaunchOptions extends SessionOptions {
  /** Return as soon as the run is started. */
  readonly detach: boolean;
}

/** Starts a run, says what was started, and watches it unless told not to. */
export function launch<W extends Workflow>(spec: Start<W>, options: LaunchOptions, show: Show): Promise<ExitCode> {
  return withTemporal(options, async (session) => {
    const { screen } = session;
    const { handle, alreadyRunning } = await start<W>(session, spec);
    const { workflowId } = handle;
    screen.note(
      alreadyRunning
        ? `${spec.summary} is going on already as ${workflowId}; nothing new was started. It does what it was asked for, ` +
            'which may be other databases.'
        : `Started ${workflowId}`,
    );
    await noteMissingWorker(session, spec.taskQueue, 'the run');
    if (!options.detach) return follow(session, handle, show);
    screen.print(detachedText(workflowId));
    screen.data({ workflowId, alreadyRunning, state: 'RUNNING' });
    return exitCodes.ok;
  });
}
