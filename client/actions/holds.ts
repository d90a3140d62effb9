import type { changeHolds } from '../../workflows/change-holds.ts';
import type { Hold } from '../../workflows/contracts.ts';
import { workflowIds } from '../../workflows/domain/naming.ts';
import type { HoldRequest } from '../../workflows/domain/retention-request.ts';
import { instanceAttributes } from '../../workflows/steps/search-attributes.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { wrongInput } from '../problem.ts';
import { showHold, showHolds } from '../show/holds.ts';
import { noteMissingWorker, questionId } from './ask.ts';
import { requireInstance } from './instances.ts';
import { defaultTaskQueue, settingsHere, withTemporal, type Session, type SessionOptions } from './session.ts';
import { start } from './start.ts';

export function hold(request: HoldRequest, options: SessionOptions): Promise<ExitCode> {
  return change([request], options, ({ screen }, holds) => {
    for (const one of holds) showHold(screen, 'Held', one);
  });
}

export function release(request: HoldRequest, options: SessionOptions): Promise<ExitCode> {
  return change([request], options, ({ screen }, holds) => {
    for (const one of holds) showHold(screen, 'Released', one);
  });
}

/** @param instance all of temporal.yaml when absent */
export function listHolds(instance: string | undefined, options: SessionOptions): Promise<ExitCode> {
  const instances = instance === undefined ? Object.keys(settingsHere(options)?.instances ?? {}).sort() : [instance];
  if (instances.length === 0) {
    throw wrongInput(
      'There is no temporal.yaml here that names instances.',
      'Name an instance, or the file with --config.',
    );
  }
  const requests = instances.map((name): HoldRequest => ({ action: 'list', instance: name }));
  return change(requests, options, ({ screen }, holds) => showHolds(screen, holds));
}

function change(
  requests: readonly HoldRequest[],
  options: SessionOptions,
  show: (session: Session, holds: readonly Hold[]) => void,
): Promise<ExitCode> {
  const settings = settingsHere(options);
  for (const { instance } of requests) requireInstance(settings, instance);
  const taskQueue = settings?.taskQueue ?? defaultTaskQueue;
  return withTemporal(options, async (session) => {
    await noteMissingWorker(session, taskQueue);
    const holds: Hold[] = [];
    for (const request of requests) holds.push(...(await ask(session, request, taskQueue)));
    show(session, holds);
    session.screen.data({ holds });
    return exitCodes.ok;
  });
}

const summaries = { hold: 'Hold a restore point of', list: 'Holds of', release: 'Release a hold of' } as const;

async function ask(session: Session, request: HoldRequest, taskQueue: string): Promise<readonly Hold[]> {
  const { instance, action } = request;
  const { handle } = await start<typeof changeHolds>(session, {
    type: 'changeHolds',
    workflowId: workflowIds.holds(instance, questionId()),
    args: [request],
    taskQueue,
    summary: `${summaries[action]} ${instance}`,
    details:
      action === 'hold' ? `Asked for on the command line.\n\nReason: ${request.reason}` : 'Asked on the command line.',
    attributes: instanceAttributes(instance, action === 'hold' ? [request.database] : undefined),
    idMayReturn: false,
  });
  return ((await handle.result()) as Awaited<ReturnType<typeof changeHolds>>).holds;
}
