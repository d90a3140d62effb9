import { workflowIds } from '../../workflows/domain/naming.ts';
import type { VerifyRequest } from '../../workflows/domain/verify-request.ts';
import { instanceAttributes } from '../../workflows/steps/search-attributes.ts';
import type { verifyStore, VerifyResult } from '../../workflows/verify-store.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { Problem } from '../problem.ts';
import { showVerifyResult } from '../show/verify-result.ts';
import { problemText } from '../show/problem.ts';
import { failureDetails, temporalProblem } from '../temporal-errors.ts';
import { chosenInstances, requireInstance } from './instances.ts';
import { launch, type LaunchOptions } from './launch.ts';
import { settingsHere, withTemporal, taskQueueOf, type Session, type SessionOptions } from './session.ts';
import { noteMissingWorker, start, type Start } from './start.ts';

export async function verify(request: VerifyRequest, options: LaunchOptions): Promise<ExitCode> {
  const settings = settingsHere(options);
  requireInstance(settings, request.instance);
  return launch<typeof verifyStore>(
    { ...startOf(request), taskQueue: taskQueueOf(settings) },
    options,
    (screen, result) => showVerifyResult(screen, result as VerifyResult),
  );
}

type Outcome =
  | { readonly instance: string; readonly state: 'COMPLETED'; readonly result: VerifyResult }
  | {
      readonly instance: string;
      readonly state: 'FAILED';
      readonly failure: Problem;
      readonly details?: VerifyResult;
    };

/** One after another: reading a store is work for its disks. */
export function verifyAll(options: SessionOptions): Promise<ExitCode> {
  const settings = settingsHere(options);
  const instances = chosenInstances(settings, undefined);
  const taskQueue = taskQueueOf(settings);
  return withTemporal(options, async (session) => {
    await noteMissingWorker(session, taskQueue, 'the answer');
    const outcomes: Outcome[] = [];
    for (const instance of instances) {
      session.screen.note(`Verifying ${instance}`);
      const outcome = await verifyOne(session, instance, taskQueue);
      outcomes.push(outcome);
      show(session, outcome);
    }
    session.screen.data({ instances: outcomes });
    return outcomes.some(({ state }) => state === 'FAILED') ? exitCodes.failed : exitCodes.ok;
  });
}

async function verifyOne(session: Session, instance: string, taskQueue: string): Promise<Outcome> {
  const { handle } = await start<typeof verifyStore>(session, { ...startOf({ instance }), taskQueue });
  try {
    return { instance, state: 'COMPLETED', result: (await handle.result()) as VerifyResult };
  } catch (error) {
    const failure = temporalProblem(error);
    if (failure === null) throw error;
    const [details] = failureDetails(error);
    const isResult = failure.type === 'StoreDamaged' && details !== undefined;
    return { instance, state: 'FAILED', failure, ...(isResult ? { details: details as VerifyResult } : {}) };
  }
}

function show({ screen }: Session, outcome: Outcome): void {
  if (outcome.state === 'COMPLETED') showVerifyResult(screen, outcome.result);
  else if (outcome.details) showVerifyResult(screen, outcome.details);
  else screen.print(`${outcome.instance}\n${problemText(outcome.failure)}`);
}

function startOf(request: VerifyRequest): Omit<Start<typeof verifyStore>, 'taskQueue'> {
  const { instance, databases } = request;
  return {
    type: 'verifyStore',
    workflowId: workflowIds.verify(instance),
    args: [request],
    summary: `Verify the backups of ${instance}`,
    details: `Asked for on the command line.\n\nDatabases: ${databases ? databases.join(', ') : 'all'}`,
    attributes: instanceAttributes(instance, databases),
    idMayReturn: true,
  };
}
