import {
  CancellationScope,
  ContinueAsNew,
  continueAsNew,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  Certificate,
  DatabaseRefs,
  PlannedDatabase,
  RestorePlan,
  RestoreRef,
  StepsOutcome,
  TargetReady,
  Verified,
} from './contracts.ts';
import { runName } from './domain/naming.ts';
import { checkRestoreRequest, type RestoreRequest } from './domain/request.ts';
import { count, megabytes } from './domain/words.ts';
import { bounded } from './steps/bounded.ts';
import { patiently, quickly } from './steps/proxies.ts';
import { fail, refuseIfWrong } from './steps/refuse.ts';
import { openRunbook, type Runbook } from './steps/runbook.ts';
import { restoreAttributes } from './steps/search-attributes.ts';

export type RestoreResult =
  | { readonly mode: 'plan'; readonly plan: RestorePlan }
  | {
      readonly mode: 'restore';
      readonly plan: RestorePlan;
      readonly certificate: Certificate;
      readonly verified: readonly Verified[];
      readonly steps: readonly (StepsOutcome & { readonly database: string })[];
      readonly targetCreated: boolean;
    };

/** What a restore carries over when its history has grown long (continue-as-new). */
export interface RestoreCarriedOn {
  readonly ref: RestoreRef;
  readonly plan: RestorePlan;
  readonly ready: TargetReady;
  readonly requestedAt: string;
  readonly startedAt: string;
  /** Slices done and what they did, by database. */
  readonly done: Readonly<Record<string, { readonly slices: number; readonly outcome: StepsOutcome }>>;
}

const steps = [
  'Plan',
  'Prepare the target instance',
  'Restore to the target time, without recovery',
  'Recover all databases',
  'Verify',
  'Write the certificate',
] as const;

/** Below the 4,096 events at which Temporal suggests to continue as new; a few slices may still be running. */
const eventsBeforeContinuing = 3_500;

/**
 * Restores databases of one instance to one common moment on another instance, which is made when it does not exist.
 * Never in place, never over a database that this restore did not create.
 * @param carriedOn only for continue-as-new
 * @throws ApplicationFailure with one of the types in domain/failures.ts
 */
export async function restoreToPointInTime(
  request: RestoreRequest,
  carriedOn?: RestoreCarriedOn,
): Promise<RestoreResult> {
  const info = workflowInfo();
  if (!carriedOn) refuseIfWrong(checkRestoreRequest(request, Date.now()));
  const requestedAt = carriedOn?.requestedAt ?? info.startTime.toISOString();
  const ref: RestoreRef = carriedOn?.ref ?? {
    restoreId: runName('restore', requestedAt, info.runId),
    source: request.source,
    target: request.target,
  };
  upsertSearchAttributes(restoreAttributes(request));
  const book = openRunbook(`Restore ${ref.source} → ${ref.target} at ${request.to}`, steps);

  const plan = carriedOn?.plan ?? (await makePlan(book, ref, request, requestedAt));
  book.fact('target time', plan.targetTime);
  if (request.mode === 'plan') return { mode: 'plan', plan };

  const refs: DatabaseRefs = { ...ref, planPath: plan.planPath, planDigest: plan.planDigest };
  const startedAt = carriedOn?.startedAt ?? new Date().toISOString();
  let ready = carriedOn?.ready;
  try {
    ready ??= await book.step(
      steps[1],
      () => patiently('prepareTarget', `prepare ${ref.target}`, refs),
      (target) => `${target.created ? 'made' : 'was there'}, ${target.address}`,
    );
    const carried: RestoreCarriedOn = { ref, plan, ready, requestedAt, startedAt, done: carriedOn?.done ?? {} };
    const outcomes = await book.step(steps[2], () => restoreAll(book, refs, request, carried), restoredText);
    // The barrier: every database has stopped at the target time before any of them is recovered.
    const reached = await book.step(
      steps[3],
      () =>
        bounded(plan.databases, plan.parallel, (each) =>
          patiently('recoverDatabase', `recover ${each.targetDatabase}`, { ...refs, database: each.database }),
        ),
      (points) => count(points.length, 'database'),
    );
    const verified = await book.step(
      steps[4],
      () => verifyAll(refs, plan, request),
      (results) => `${count(results.length, 'database')} online and writable`,
    );
    const certificate = await book.step(
      steps[5],
      () =>
        quickly('writeCertificate', 'write the certificate', {
          ...refs,
          requested: request.to,
          requestedAt,
          startedAt,
          workflowId: info.workflowId,
          runId: info.runId,
          reached,
          verified,
        }),
      (proof) => `RPO ${proof.rpoSeconds} s, RTO ${proof.rtoEndToEndSeconds.toFixed(1)} s`,
    );
    await quickly('cleanStaging', 'remove staged files', ref);
    return { mode: 'restore', certificate, verified, steps: outcomes, targetCreated: ready.created, plan };
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    await CancellationScope.nonCancellable(() => (request.keep ? freeLease(ref) : discard(refs, ready)));
    throw error;
  }
}

/** From here on the restore holds a lease on the backups that it reads; every way out of it ends that. */
async function makePlan(
  book: Runbook,
  ref: RestoreRef,
  request: RestoreRequest,
  requestedAt: string,
): Promise<RestorePlan> {
  try {
    return await book.step(
      steps[0],
      () => quickly('planRestore', `plan ${ref.source} at ${request.to}`, { ...ref, request, requestedAt }),
      planText,
    );
  } catch (error) {
    if (request.mode !== 'plan') await CancellationScope.nonCancellable(() => freeLease(ref));
    throw error;
  }
}

async function freeLease(ref: RestoreRef): Promise<void> {
  await quickly('freeLease', 'end the lease on the backups', ref);
}

/** Brings every database to the target time, several at once; carries on as a new run before the history grows long. */
async function restoreAll(
  book: Runbook,
  refs: DatabaseRefs,
  request: RestoreRequest,
  carried: RestoreCarriedOn,
): Promise<(StepsOutcome & { database: string })[]> {
  const { plan } = carried;
  const done: Record<string, { slices: number; outcome: StepsOutcome }> = { ...carried.done };
  const isDone = (each: PlannedDatabase): boolean => {
    const state = done[each.database];
    return state !== undefined && (state.outcome.stopReached || state.slices === each.slices.length);
  };
  for (const each of plan.databases) showDatabase(book, each, done[each.database]);

  await bounded(plan.databases, plan.parallel, async (each) => {
    while (!isDone(each) && workflowInfo().historyLength < eventsBeforeContinuing) {
      const state = done[each.database] ?? { slices: 0, outcome: nothingApplied };
      const [from, to] = each.slices[state.slices] as readonly [number, number];
      const outcome = await patiently('restoreSteps', `restore ${each.targetDatabase} ${from + 1}–${to}`, {
        ...refs,
        database: each.database,
        from,
        to,
      });
      done[each.database] = { slices: state.slices + 1, outcome: add(state.outcome, outcome) };
      showDatabase(book, each, done[each.database]);
    }
  });
  if (!plan.databases.every(isDone)) {
    await continueAsNew<(request: RestoreRequest, carriedOn: RestoreCarriedOn) => Promise<RestoreResult>>(request, {
      ...carried,
      done,
    });
  }
  return plan.databases.map((each) => ({
    database: each.database,
    ...(done[each.database]?.outcome ?? nothingApplied),
  }));
}

async function verifyAll(refs: DatabaseRefs, plan: RestorePlan, request: RestoreRequest): Promise<Verified[]> {
  const verified = await bounded(plan.databases, plan.parallel, (each) =>
    patiently('verifyDatabase', `verify ${each.targetDatabase}`, {
      ...refs,
      database: each.database,
      checkDb: request.checkDb ?? false,
      repairUsers: request.repairUsers ?? false,
      validations: (request.validations ?? []).filter((validation) => validation.database === each.database),
    }),
  );
  const wrong = verified.filter((result) => !result.online || !result.writable);
  if (wrong.length > 0)
    fail('VerificationFailed', `${wrong.map((result) => result.targetDatabase).join(', ')} not online and writable`, [
      wrong,
    ]);
  return verified;
}

/** A failed or cancelled restore leaves nothing behind; what it did not make is left alone. */
async function discard(refs: DatabaseRefs, ready: TargetReady | undefined): Promise<void> {
  await patiently('discardRestore', 'undo what the restore made', { ...refs, removeTarget: ready?.created ?? true });
}

const nothingApplied: StepsOutcome = {
  applied: 0,
  skipped: 0,
  bytes: 0,
  stopReached: false,
  copySeconds: 0,
  restoreSeconds: 0,
};

function add(a: StepsOutcome, b: StepsOutcome): StepsOutcome {
  return {
    applied: a.applied + b.applied,
    skipped: a.skipped + b.skipped,
    bytes: a.bytes + b.bytes,
    stopReached: b.stopReached,
    copySeconds: a.copySeconds + b.copySeconds,
    restoreSeconds: a.restoreSeconds + b.restoreSeconds,
  };
}

function showDatabase(
  book: Runbook,
  each: PlannedDatabase,
  state: { slices: number; outcome: StepsOutcome } | undefined,
): void {
  const of = each.slices.at(-1)?.[1] ?? 0;
  const done = state === undefined ? 0 : (each.slices[state.slices - 1]?.[1] ?? 0);
  book.database({
    name: each.targetDatabase,
    state: state?.outcome.stopReached || done === of ? 'at the target time' : 'restoring',
    done,
    of,
  });
}

function planText(plan: RestorePlan): string {
  return `${count(plan.databases.length, 'database')}, ${count(plan.fileCount, 'file')}, ${megabytes(plan.totalBytes)}`;
}

function restoredText(outcomes: readonly StepsOutcome[]): string {
  const applied = outcomes.reduce((sum, outcome) => sum + outcome.applied, 0);
  const skipped = outcomes.reduce((sum, outcome) => sum + outcome.skipped, 0);
  return `${count(applied, 'backup')} applied${skipped > 0 ? `, ${skipped} already in` : ''}`;
}
