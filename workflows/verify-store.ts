import { continueAsNew, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { FindingKind, StoreFinding, VerifyCursor, VerifyRef, VerifyReport, VerifyScope } from './contracts.ts';
import { runName } from './domain/naming.ts';
import { checkVerifyRequest, type VerifyRequest } from './domain/verify-request.ts';
import { count, megabytes } from './domain/words.ts';
import { patiently, quickly } from './steps/proxies.ts';
import { fail, refuseIfWrong } from './steps/refuse.ts';
import { openRunbook } from './steps/runbook.ts';
import { instanceAttributes } from './steps/search-attributes.ts';

export interface VerifyResult extends VerifyReport {
  readonly instance: string;
  /** Seconds spent on reading. */
  readonly seconds: number;
}

/** What a reading carries over when its history has grown long (continue-as-new). */
export interface VerifyCarriedOn {
  readonly ref: VerifyRef;
  readonly startedAt: string;
  readonly scope: VerifyScope;
  /** Slices that are done, and where the next one begins. */
  readonly slices: number;
  readonly after: VerifyCursor;
  readonly sets: number;
  readonly bytes: number;
  readonly seconds: number;
}

const steps = ['Count what there is', 'Read it', 'Write the report'] as const;

/** A slice is minutes of work and six events: a reading of days carries on as a new run a few times. */
const eventsBeforeContinuing = 1_000;

/**
 * Reads every file of an instance's backups again: hashes, manifests, chains. What is missing or damaged gets a verdict beside its
 * manifest and is not used until a later reading finds it whole.
 * @param carriedOn only for continue-as-new
 * @throws ApplicationFailure StoreDamaged at the end, when anything is wrong; its details are the result
 */
export async function verifyStore(request: VerifyRequest, carriedOn?: VerifyCarriedOn): Promise<VerifyResult> {
  if (!carriedOn) refuseIfWrong(checkVerifyRequest(request));
  const info = workflowInfo();
  const { instance } = request;
  const startedAt = carriedOn?.startedAt ?? info.startTime.toISOString();
  const ref: VerifyRef = carriedOn?.ref ?? { instance, run: runName('verify', startedAt, info.runId) };
  upsertSearchAttributes(instanceAttributes(instance, request.databases));
  const book = openRunbook(`Verify the backups of ${instance}`, steps);

  const scope =
    carriedOn?.scope ??
    (await book.step(
      steps[0],
      () => quickly('openVerify', `count the backups of ${instance}`, { ...ref, request }),
      scopeText,
    ));
  const done = await book.step(
    steps[1],
    async () => {
      let { slices, sets, bytes, seconds } = carriedOn ?? { slices: 0, sets: 0, bytes: 0, seconds: 0 };
      let after: VerifyCursor | null = carriedOn?.after ?? null;
      do {
        if (after !== null && workflowInfo().historyLength >= eventsBeforeContinuing) {
          const carried = { ref, startedAt, scope, slices, after, sets, bytes, seconds };
          await continueAsNew<typeof verifyStore>(request, carried);
        }
        slices += 1;
        const read = await patiently('verifySlice', `read from ${after?.folder ?? 'the beginning'}`, {
          ...ref,
          request,
          slice: slices,
          after,
        });
        sets += read.sets;
        bytes += read.bytes;
        seconds += read.seconds;
        after = read.next;
        book.fact('read', `${sets} of ${scope.sets} sets, ${speedText(bytes, scope.bytes, seconds)}`);
      } while (after !== null);
      return { slices, bytes, seconds };
    },
    ({ bytes, seconds }) => speedText(bytes, scope.bytes, seconds),
  );
  const report = await book.step(
    steps[2],
    () => quickly('closeVerify', 'write the report', { ...ref, startedAt, slices: done.slices }),
    reportText,
  );
  const result: VerifyResult = { instance, ...report, seconds: done.seconds };
  if (report.findings.length > 0) fail('StoreDamaged', `${reportText(report)}. ${firstOf(report.findings)}`, [result]);
  return result;
}

function scopeText({ databases, sets, bytes }: VerifyScope): string {
  return `${count(databases, 'database')}, ${count(sets, 'set')}, ${megabytes(bytes)}`;
}

function speedText(bytes: number, of: number, seconds: number): string {
  const speed = seconds > 0 ? bytes / seconds : 0;
  const left = speed > 0 ? Math.max(0, of - bytes) / speed : 0;
  return `${megabytes(bytes)} of ${megabytes(of)}, ${megabytes(speed)}/s${left > 1 ? `, ${Math.ceil(left / 60)} min left` : ''}`;
}

const names: Record<FindingKind, string> = {
  missing: 'missing',
  damaged: 'damaged',
  manifest: 'with an unusable manifest',
  foreign: 'foreign',
  unrestorable: 'of which nothing can be restored',
};

function reportText({ sets, counts, healed }: VerifyReport): string {
  const wrong = Object.entries(counts).map(([kind, n]) => `${n} ${names[kind as FindingKind]}`);
  const whole = healed > 0 ? `, ${healed} whole again` : '';
  return `${count(sets, 'set')} read, ${wrong.length === 0 ? 'all as they should be' : wrong.join(', ')}${whole}`;
}

function firstOf(findings: readonly StoreFinding[]): string {
  const shown = findings.slice(0, 5).map(({ path, what }) => `${path} ${what}`);
  return `${shown.join('; ')}${findings.length > 5 ? '; and more' : ''}`;
}
