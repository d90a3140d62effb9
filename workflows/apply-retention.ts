import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { LeaseCheck, RetainedDatabase, RetentionOutcome, RetentionPolicyText } from './contracts.ts';
import { runName } from './domain/naming.ts';
import { checkRetentionRequest, type RetentionRequest } from './domain/retention-request.ts';
import { count, megabytes } from './domain/words.ts';
import { patiently, quickly } from './steps/proxies.ts';
import { refuseIfWrong } from './steps/refuse.ts';
import { openRunbook } from './steps/runbook.ts';
import { instanceAttributes } from './steps/search-attributes.ts';

export interface RetentionResult extends RetentionOutcome {
  readonly instance: string;
  readonly mode: 'plan' | 'apply';
  readonly run: string;
  readonly policy: RetentionPolicyText;
  readonly removed: { readonly sets: number; readonly bytes: number };
  readonly kept: { readonly sets: number; readonly bytes: number };
  readonly leases: LeaseCheck;
}

const steps = ['Ask which restores still read backups', 'Decide and remove'] as const;

/**
 * Removes the backups that the instance's recovery window does not need any more. With mode `plan` it says which, and removes none.
 * @throws ApplicationFailure InvalidInput, UnknownInstance, UnknownDatabase at once
 */
export async function applyRetention(request: RetentionRequest): Promise<RetentionResult> {
  refuseIfWrong(checkRetentionRequest(request));
  const { instance, databases, mode = 'apply' } = request;
  const info = workflowInfo();
  const run = runName('retention', info.startTime.toISOString(), info.runId);
  upsertSearchAttributes(instanceAttributes(instance, databases));
  const book = openRunbook(`Retention of ${instance}${mode === 'plan' ? ' (plan)' : ''}`, steps);

  const leases = await book.step(steps[0], () => quickly('checkLeases', 'look at leases', { instance }), leasesText);
  const outcome = await book.step(
    steps[1],
    () => {
      const input = { instance, run, mode, endedLeases: leases.ended, ...(databases && { databases }) };
      return patiently('retainBackups', mode === 'plan' ? 'decide' : 'decide and remove', input);
    },
    (found) => outcomeText(found.databases),
  );
  book.fact('window', outcome.policy.window);
  return {
    instance,
    mode,
    run,
    ...outcome,
    removed: sum(outcome.databases.map(({ removed }) => removed)),
    kept: sum(outcome.databases.map(({ kept }) => kept)),
    leases,
  };
}

type Amount = RetainedDatabase['removed'];

function sum(amounts: readonly Amount[]): Amount {
  return {
    sets: amounts.reduce((total, { sets }) => total + sets, 0),
    bytes: amounts.reduce((total, { bytes }) => total + bytes, 0),
  };
}

function leasesText({ held, ended, unknown }: LeaseCheck): string {
  const freed = ended.length > 0 ? `, ${ended.length} of ended restores` : '';
  const asked = unknown.length > 0 ? `, ${unknown.length} of them nobody can be asked about` : '';
  return `${count(held, 'lease')} held${asked}${freed}`;
}

function outcomeText(databases: readonly RetainedDatabase[]): string {
  const { sets, bytes } = sum(databases.map(({ removed }) => removed));
  const uncertain = databases.filter((database) => database.uncertain.length > 0).length;
  const left = uncertain > 0 ? `, ${count(uncertain, 'database')} left alone` : '';
  return `${count(sets, 'set')}, ${megabytes(bytes)} of ${count(databases.length, 'database')}${left}`;
}
