import { CancellationScope, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type {
  BackUpOutcome,
  CommitOutcome,
  CommittedSet,
  DatabaseExposure,
  DatabaseFailure,
  RunRef,
} from './contracts.ts';
import type { BackupKind } from './domain/backup-set.ts';
import { reasonText, type Decision, type PromotionReason } from './domain/decide.ts';
import { runName } from './domain/naming.ts';
import { checkBackupRequest, type BackupRequest } from './domain/request.ts';
import type { StandingSummary } from './domain/standing.ts';
import { count, megabytes, names } from './domain/words.ts';
import { quickly, patiently } from './steps/proxies.ts';
import { fail, refuseIfWrong } from './steps/refuse.ts';
import { openRunbook } from './steps/runbook.ts';
import { backupAttributes } from './steps/search-attributes.ts';

export interface BackupResult {
  readonly instance: string;
  readonly kind: BackupKind;
  readonly run: string;
  /** Databases with a finished backup of this run. */
  readonly done: number;
  /** Of those: finished by an attempt that died before it could say so. */
  readonly adopted: number;
  /** In the store, left-overs of earlier runs included. */
  readonly committed: { readonly count: number; readonly sizeBytes: number };
  readonly sets: readonly CommittedSet[];
  /** Databases that got another kind than asked for, which makes their chains whole, and why. */
  readonly changed: readonly Changed[];
  /** Databases whose chains a later run makes whole, since this one was to mend no more (limits.mendsPerRun). */
  readonly waiting: readonly Changed[];
  readonly skipped: readonly { readonly database: string; readonly why: string }[];
  readonly failed: readonly DatabaseFailure[];
  readonly exposure: readonly DatabaseExposure[];
  readonly maxExposureSeconds: number | null;
  readonly standing?: StandingSummary;
  /** Full report, path below the store. */
  readonly report: string;
}

export interface Changed {
  readonly database: string;
  readonly action: string;
  readonly why: string;
}

/** More would make the work list of one activity too large a payload. */
const databasesPerActivity = 500;

const steps = [
  'Open the run',
  'Commit what earlier runs left staged',
  'Inspect the databases and decide',
  'Back up',
  'Copy to the store',
  'Verify the chains and record',
] as const;

/**
 * One backup run over one instance. A database that fails does not stop the others; the run then ends failed, naming it.
 * @throws ApplicationFailure InvalidInput, UnknownInstance, UnknownDatabase at once; BackupIncomplete at the end
 */
export async function backupInstance(request: BackupRequest): Promise<BackupResult> {
  refuseIfWrong(checkBackupRequest(request));
  const info = workflowInfo();
  const { instance, kind } = request;
  const startedAt = info.startTime.toISOString();
  const run: RunRef = {
    instance,
    run: runName(kind, startedAt, info.runId),
    workflowId: info.workflowId,
    runId: info.runId,
  };
  upsertSearchAttributes(backupAttributes(request));
  const book = openRunbook(`${kind} backup of ${instance}`, steps);

  await book.step(
    steps[0],
    () => quickly('openBackupRun', `open ${run.run}`, { ...run, request }),
    (server) => `${server.serverName}, ${server.edition}`,
  );
  try {
    const leftOver = await book.step(
      steps[1],
      () => patiently('commitStaged', 'commit left-overs', run),
      committedText,
    );
    const {
      work,
      skipped,
      waiting = [],
      waitingCount = 0,
    } = await book.step(
      steps[2],
      () => quickly('inspectInstance', `inspect ${instance}`, { ...run, request }),
      (found) => `${count(found.work.length, 'database')} to back up, ${found.skippedCount} left out`,
    );
    const changed = changesOf(work);
    if (changed.length > 0) book.fact('mended', changesText(changed, changed.length));
    if (waitingCount > 0) book.fact('waiting to be mended', changesText(changesOf(waiting), waitingCount));
    const backedUp = await book.step(steps[3], () => backUp(run, work), backedUpText);
    const committed = await book.step(
      steps[4],
      () => patiently('commitStaged', `copy ${count(backedUp.done, 'backup')} to the store`, run),
      committedText,
    );
    const failed = [...backedUp.failed, ...committed.failed];
    const report = await book.step(
      steps[5],
      () =>
        quickly('recordRun', 'verify and record', {
          ...run,
          kind,
          startedAt,
          databases: work.map((item) => item.database),
          failed,
          mended: countReasons(work),
        }),
      (recorded) => exposureText(recorded.maxExposureSeconds),
    );

    const result: BackupResult = {
      instance,
      kind,
      run: run.run,
      done: backedUp.done,
      adopted: backedUp.adopted,
      committed: { count: leftOver.count + committed.count, sizeBytes: leftOver.sizeBytes + committed.sizeBytes },
      sets: [...leftOver.sets, ...committed.sets].slice(0, 100),
      changed: changed.slice(0, 50),
      waiting: changesOf(waiting),
      skipped: skipped.map((item) => ({ database: item.database, why: reasonText(item.reason) })),
      failed: [...failed, ...report.broken],
      exposure: report.exposure,
      maxExposureSeconds: report.maxExposureSeconds,
      ...(report.standing === undefined ? {} : { standing: report.standing }),
      report: report.report,
    };
    if (result.failed.length > 0) fail('BackupIncomplete', failedText(result.failed), [result]);
    return result;
  } finally {
    await CancellationScope.nonCancellable(() => quickly('closeBackupRun', 'close the run', run));
  }
}

async function backUp(run: RunRef, work: readonly Exclude<Decision, { action: 'skip' }>[]): Promise<BackUpOutcome> {
  const outcomes: BackUpOutcome[] = [];
  for (let from = 0; from < work.length; from += databasesPerActivity) {
    const batch = work.slice(from, from + databasesPerActivity);
    outcomes.push(
      await patiently('backUpDatabases', `back up ${names(batch.map((item) => item.database))}`, {
        ...run,
        work: batch,
      }),
    );
  }
  return {
    done: outcomes.reduce((sum, outcome) => sum + outcome.done, 0),
    adopted: outcomes.reduce((sum, outcome) => sum + outcome.adopted, 0),
    failed: outcomes.flatMap((outcome) => outcome.failed),
  };
}

function changesOf(work: readonly Exclude<Decision, { action: 'skip' }>[]): readonly Changed[] {
  return work.flatMap(({ database, action, reason }) =>
    reason === undefined ? [] : [{ database, action, why: reasonText(reason) }],
  );
}

function changesText(changes: readonly Changed[], of: number): string {
  const shown = changes.slice(0, 3).map(({ database, action, why }) => `${database} (${action}: ${why})`);
  return `${shown.join(', ')}${of > shown.length ? ` and ${of - shown.length} more` : ''}`;
}

function countReasons(
  work: readonly Exclude<Decision, { action: 'skip' }>[],
): Readonly<Partial<Record<PromotionReason, number>>> {
  const counts: Partial<Record<PromotionReason, number>> = {};
  for (const { reason } of work) if (reason !== undefined) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

function committedText(outcome: CommitOutcome): string {
  const torn = outcome.torn > 0 ? `, ${count(outcome.torn, 'cut-off file')} removed` : '';
  return `${count(outcome.count, 'set')}, ${megabytes(outcome.sizeBytes)}${torn}`;
}

function backedUpText(outcome: BackUpOutcome): string {
  const adopted = outcome.adopted > 0 ? `, ${outcome.adopted} of them found finished` : '';
  const failed = outcome.failed.length > 0 ? `, ${outcome.failed.length} FAILED` : '';
  return `${count(outcome.done, 'database')}${adopted}${failed}`;
}

function exposureText(seconds: number | null): string {
  return seconds === null ? 'no database has a log chain' : `largest exposure ${seconds.toFixed(0)} s`;
}

function failedText(failed: readonly DatabaseFailure[]): string {
  const shown = failed.slice(0, 5).map((failure) => `${failure.database}: ${failure.message}`);
  const rest = failed.length > 5 ? `; and ${failed.length - 5} more` : '';
  return `${count(failed.length, 'database')} failed. ${shown.join('; ')}${rest}`;
}
