import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { ImportPlan, ImportRef, SkippedBackup } from './contracts.ts';
import { checkImportRequest, isHarmless, type ImportRequest, type SkipReason } from './domain/import-request.ts';
import { runName } from './domain/naming.ts';
import { count, megabytes } from './domain/words.ts';
import { patiently } from './steps/proxies.ts';
import { fail, refuseIfWrong } from './steps/refuse.ts';
import { openRunbook } from './steps/runbook.ts';
import { instanceAttributes } from './steps/search-attributes.ts';

export interface ImportResult {
  readonly mode: 'plan' | 'import';
  readonly instance: string;
  readonly folder: string;
  readonly plan: ImportPlan;
  readonly imported: number;
  readonly sizeBytes: number;
  /** Sets of the plan that could not be taken in. */
  readonly failed: readonly SkippedBackup[];
}

const steps = ['Read the headers', 'Verify and copy into the store'] as const;
const namedFailures = 100;

/**
 * Takes backups that other tools made into the store, with manifests, so that they are part of the chains. The files are copied and
 * stay where they are. Done again it takes what is new.
 * @throws ApplicationFailure ImportIncomplete at the end, when a file is broken, incomplete or of something else; its details are the result
 */
export async function importBackups(request: ImportRequest): Promise<ImportResult> {
  refuseIfWrong(checkImportRequest(request));
  const info = workflowInfo();
  const { instance, folder, mode = 'import' } = request;
  const ref: ImportRef = { instance, importId: runName('import', info.startTime.toISOString(), info.runId) };
  upsertSearchAttributes(instanceAttributes(instance, request.databases));
  const book = openRunbook(`Import ${folder} into the store of ${instance}`, steps);

  const plan = await book.step(
    steps[0],
    () => patiently('planImport', `read the headers in ${folder}`, { ...ref, request }),
    planText,
  );
  const failed: SkippedBackup[] = [];
  let [imported, sizeBytes] = [0, 0];
  if (mode === 'import' && plan.count > 0) {
    await book.step(
      steps[1],
      async () => {
        for (const [from, to] of plan.slices) {
          const { path, digest } = plan;
          const done = await patiently('importSlice', `sets ${from + 1}–${to} of ${plan.count}`, {
            ...ref,
            path,
            digest,
            from,
            to,
          });
          imported += done.imported;
          sizeBytes += done.sizeBytes;
          failed.push(...done.failed);
          book.fact('imported', `${imported} of ${plan.count}`);
        }
      },
      () => `${count(imported, 'set')}, ${megabytes(sizeBytes)}${failed.length > 0 ? `, ${failed.length} FAILED` : ''}`,
    );
  }
  const result: ImportResult = {
    mode,
    instance,
    folder,
    plan,
    imported,
    sizeBytes,
    failed: failed.slice(0, namedFailures),
  };
  const wrong = [...failed, ...plan.skipped.filter(({ reason }) => !isHarmless(reason))];
  if (mode === 'import' && wrong.length > 0) fail('ImportIncomplete', wrongText(wrong, plan), [result]);
  return result;
}

function planText({ count: sets, sizeBytes, skippedCounts }: ImportPlan): string {
  const skipped = Object.values(skippedCounts).reduce((sum, n) => sum + n, 0);
  return `${count(sets, 'set')} to take in, ${megabytes(sizeBytes)}, ${skipped} left out`;
}

function wrongText(wrong: readonly SkippedBackup[], { skippedCounts }: ImportPlan): string {
  const unnamed = Object.entries(skippedCounts).reduce(
    (sum, [reason, n]) => sum + (isHarmless(reason as SkipReason) ? 0 : n),
    0,
  );
  const shown = wrong
    .slice(0, 5)
    .map(({ file, position, why }) => `${file}${position === null ? '' : ` (${position})`}: ${why}`);
  return `${count(Math.max(wrong.length, unnamed), 'backup')} could not be taken in. ${shown.join('; ')}${wrong.length > shown.length ? '; and more' : ''}`;
}
