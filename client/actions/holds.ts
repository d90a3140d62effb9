import type { changeHolds } from '../../workflows/change-holds.ts';
import type { Hold } from '../../workflows/contracts.ts';
import { workflowIds } from '../../workflows/domain/naming.ts';
import type { HoldRequest } from '../../workflows/domain/retention-request.ts';
import type { Settings } from '../../workflows/domain/settings.ts';
import { instanceAttributes } from '../../workflows/steps/search-attributes.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { showHold, showHolds } from '../show/holds.ts';
import { ask, questionId } from './ask.ts';
import { chosenInstances, requireInstance } from './instances.ts';
import { settingsHere, withTemporal, taskQueueOf, type Session, type SessionOptions } from './session.ts';
import { noteMissingWorker } from './start.ts';

export function hold(request: HoldRequest, options: SessionOptions): Promise<ExitCode> {
  return changeOne('Held', request, options);
}

export function release(request: HoldRequest, options: SessionOptions): Promise<ExitCode> {
  return changeOne('Released', request, options);
}

function changeOne(did: 'Held' | 'Released', request: HoldRequest, options: SessionOptions): Promise<ExitCode> {
  const settings = settingsHere(options);
  requireInstance(settings, request.instance);
  return change(settings, [request], options, ({ screen }, holds) => {
    for (const one of holds) showHold(screen, did, one);
  });
}

/** @param instance all of temporal.yaml when absent */
export function listHolds(instance: string | undefined, options: SessionOptions): Promise<ExitCode> {
  const settings = settingsHere(options);
  const requests = chosenInstances(settings, instance).map((name): HoldRequest => ({ action: 'list', instance: name }));
  return change(settings, requests, options, ({ screen }, holds) => showHolds(screen, holds));
}

function change(
  settings: Settings | null,
  requests: readonly HoldRequest[],
  options: SessionOptions,
  show: (session: Session, holds: readonly Hold[]) => void,
): Promise<ExitCode> {
  const taskQueue = taskQueueOf(settings);
  return withTemporal(options, async (session) => {
    await noteMissingWorker(session, taskQueue, 'the answer');
    const holds: Hold[] = [];
    for (const request of requests) holds.push(...(await changed(session, request, taskQueue)));
    show(session, holds);
    session.screen.data({ holds });
    return exitCodes.ok;
  });
}

const summaries = { hold: 'Hold a restore point of', list: 'Holds of', release: 'Release a hold of' } as const;

async function changed(session: Session, request: HoldRequest, taskQueue: string): Promise<readonly Hold[]> {
  const { instance, action } = request;
  const answer = await ask<typeof changeHolds>(session, {
    type: 'changeHolds',
    workflowId: workflowIds.holds(instance, questionId()),
    args: [request],
    taskQueue,
    summary: `${summaries[action]} ${instance}`,
    details:
      action === 'hold' ? `Asked for on the command line.\n\nReason: ${request.reason}` : 'Asked on the command line.',
    attributes: instanceAttributes(instance, action === 'hold' ? [request.database] : undefined),
  });
  return answer.holds;
}
