import { executeChild, sleep, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { backupInstance, type BackupResult } from './backup-instance.ts';
import type { EvidenceFile } from './contracts.ts';
import type { BackupKind } from './domain/backup-set.ts';
import { runName, workflowIds } from './domain/naming.ts';
import {
  countsText,
  judge,
  metricsMarkdown,
  type PhaseCount,
  type RehearsalFacts,
  type Verdict,
} from './domain/rehearsal.ts';
import { checkRehearsalRequest, type RehearsalRequest } from './domain/rehearsal-request.ts';
import type { RestoreRequest } from './domain/request.ts';
import { restoreToPointInTime, type RestoreResult } from './restore-to-point-in-time.ts';
import { quickly } from './steps/proxies.ts';
import { refuseIfWrong } from './steps/refuse.ts';
import { openRunbook, type Runbook } from './steps/runbook.ts';
import { restoreAttributes } from './steps/search-attributes.ts';

export interface RehearsalResult extends Verdict {
  readonly facts: RehearsalFacts;
  /** Folder with the evidence files. */
  readonly evidence: string;
  readonly restoreWorkflowId: string;
}

const steps = {
  seed: 'Seed the databases',
  full: 'Full backup',
  wave1: 'Insert wave1',
  log1: 'Log backup 1',
  target: 'Fix the target time',
  wave2: 'Insert wave2',
  log2: 'Log backup 2',
  restore: 'Restore to the target time on a new instance',
  validate: 'Validate the data',
  cleanup: 'Clean up and keep instances and policy',
  evidence: 'Measure, decide, keep the evidence',
} as const;

type FinishedRestore = Extract<RestoreResult, { mode: 'restore' }>;

/**
 * The runtime rehearsal: a workload over several databases, full and log backups, a restore to a moment between two
 * waves on a new instance, and a decision from what was measured. Ends with NO-GO rather than failing when a criterion
 * is not met; fails only when a step could not be done at all.
 */
export async function runtimeE2E(request: RehearsalRequest): Promise<RehearsalResult> {
  refuseIfWrong(checkRehearsalRequest(request));
  const info = workflowInfo();
  const { source, target } = request;
  const databases = request.databases ?? ['db1', 'db2', 'db3'];
  const pauseMs = (request.pauseSeconds ?? 2) * 1000;
  const startedAt = info.startTime.toISOString();
  const book = openRunbook(`Runtime rehearsal ${source} → ${target}`, Object.values(steps));

  await write(book, steps.seed, source, databases, 'seed');
  const full = await backup(book, steps.full, source, 'full', databases);
  await write(book, steps.wave1, source, databases, 'wave1');
  const log1 = await backup(book, steps.log1, source, 'log', databases);
  const targetTime = await book.step(
    steps.target,
    () => fixTargetTime(source, pauseMs),
    (at) => at,
  );
  book.fact('target time', targetTime);
  await write(book, steps.wave2, source, databases, 'wave2');
  const log2 = await backup(book, steps.log2, source, 'log', databases);

  const restoreRequest: RestoreRequest = {
    source,
    target,
    to: targetTime,
    databases,
    ...(request.checkDb ? { checkDb: true } : {}),
  };
  upsertSearchAttributes(restoreAttributes(restoreRequest));
  const restoreWorkflowId = workflowIds.restore(target, runName('rehearsal', startedAt, info.runId));
  const restored = await book.step(
    steps.restore,
    () =>
      executeChild(restoreToPointInTime, {
        workflowId: restoreWorkflowId,
        args: [restoreRequest],
        staticSummary: `Restore ${source} to ${targetTime}`,
      }),
    (result) =>
      result.mode === 'restore' ? `RTO ${result.certificate.rtoEndToEndSeconds.toFixed(1)} s` : 'planned only',
  );
  if (restored.mode !== 'restore') throw new Error('a rehearsal never asks for a plan only');

  const [sourceCounts, targetCounts] = await book.step(steps.validate, () =>
    Promise.all([
      quickly('countPhases', `count rows on ${source}`, { instance: source, databases }),
      quickly('countPhases', `count rows on ${target}`, { instance: target, databases }),
    ]),
  );
  const leftovers = await book.step(
    steps.cleanup,
    () => quickly('listLeftovers', 'look for left-overs', { instances: [source, target] }),
    (found) => (found.files === 0 ? 'nothing staged is left' : `${found.files} staged files are left`),
  );

  const facts: RehearsalFacts = {
    source,
    target,
    databases,
    startedAt,
    targetTime,
    fullDone: full.done === databases.length,
    logsDone: [log1, log2].filter((log) => log.done === databases.length).length,
    restoreDone: restored.certificate.databases.length === databases.length,
    sourceCounts,
    targetCounts,
    rpoSeconds: restored.certificate.rpoSeconds,
    rtoJobSeconds: restored.certificate.rtoJobSeconds,
    rtoEndToEndSeconds: restored.certificate.rtoEndToEndSeconds,
    rpoGoalSeconds: request.rpoGoalSeconds ?? 300,
    expected: ['seed', 'wave1'],
    unexpected: ['wave2'],
  };
  const verdict = judge(facts);
  book.fact('decision', verdict.decision);
  const evidence = await book.step(
    steps.evidence,
    async () => {
      const store = await quickly('listStore', 'list the store', { instance: source });
      const files = evidenceFiles(facts, verdict, {
        full,
        log1,
        log2,
        restoreRequest,
        restored,
        sourceCounts,
        targetCounts,
        store: store.text,
        leftovers: leftovers.text,
      });
      return quickly('writeEvidence', 'keep the evidence', {
        instance: source,
        folder: request.evidence ?? runName('runtime-e2e', startedAt, info.runId),
        files,
      });
    },
    (kept) => `${verdict.decision}, ${kept.path}`,
  );
  return { ...verdict, facts, evidence: evidence.path, restoreWorkflowId };
}

function write(
  book: Runbook,
  step: string,
  instance: string,
  databases: readonly string[],
  phase: string,
): Promise<{ lastCommitAt: string }> {
  return book.step(
    step,
    () => quickly('writePhase', `phase ${phase}`, { instance, databases, phase }),
    (done) => `committed by ${done.lastCommitAt}`,
  );
}

function backup(
  book: Runbook,
  step: string,
  instance: string,
  kind: BackupKind,
  databases: readonly string[],
): Promise<BackupResult> {
  const workflowId = `${workflowInfo().workflowId}/${step.toLowerCase().replaceAll(' ', '-')}`;
  return book.step(
    step,
    () =>
      executeChild(backupInstance, {
        workflowId,
        args: [{ instance, kind, databases }],
        staticSummary: `${step} of ${instance}`,
      }),
    (result) => `${result.done} databases, ${result.committed.count} sets in the store`,
  );
}

/** A moment of the source's own clock with quiet on both sides, so that no rounding can blur which wave it parts. */
async function fixTargetTime(source: string, pauseMs: number): Promise<string> {
  await sleep(pauseMs, { summary: 'quiet before the target time' });
  const { now } = await quickly('readServerClock', 'read the clock of the source', { instance: source });
  await sleep(pauseMs, { summary: 'quiet after the target time' });
  return now;
}

function evidenceFiles(
  facts: RehearsalFacts,
  verdict: Verdict,
  found: {
    full: BackupResult;
    log1: BackupResult;
    log2: BackupResult;
    restoreRequest: RestoreRequest;
    restored: FinishedRestore;
    sourceCounts: readonly PhaseCount[];
    targetCounts: readonly PhaseCount[];
    store: string;
    leftovers: string;
  },
): EvidenceFile[] {
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  const phases = [...facts.expected, ...facts.unexpected];
  return [
    { name: '04g-full-backup-final.txt', text: json(found.full) },
    { name: '04i-log1-backup.txt', text: json(found.log1) },
    { name: '04l-log2-backup.txt', text: json(found.log2) },
    { name: '05b-restore-request-run.txt', text: json({ request: found.restoreRequest, plan: found.restored.plan }) },
    {
      name: '05d-restore-job-log.txt',
      text: json({
        steps: found.restored.steps,
        verified: found.restored.verified,
        certificate: found.restored.certificate,
      }),
    },
    { name: '05g-backup-store-files.txt', text: found.store },
    { name: '06a-source-validation.txt', text: countsText(facts.source, found.sourceCounts, phases) },
    { name: '06b-target-validation.txt', text: countsText(facts.target, found.targetCounts, phases) },
    { name: '07-metrics-go-no-go.md', text: metricsMarkdown(facts, verdict) },
    { name: '08-cleanup-after-run.txt', text: found.leftovers },
  ];
}
