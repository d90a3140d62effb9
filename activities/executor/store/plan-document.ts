import { z } from 'zod';
import type { BackupSet } from '../../../workflows/domain/backup-set.ts';
import type { RestoreStep } from '../../../workflows/domain/plan-types.ts';
import { failure } from '../../failure.ts';
import { readSmall, sha256 } from '../io/text.ts';
import { inLanes } from '../io/lanes.ts';
import { inside } from '../io/inside.ts';
import { parseManifest } from './manifest.ts';

/**
 * A plan in the store: `plan.json` names, for every database, a file with its steps and that file's digest; a step names
 * a manifest and its digest. So the digest of plan.json stands for all of it, down to the hash of every backup file, and
 * a slice of a long chain is read without the rest of its manifests.
 */
const planDocument = z.object({
  formatVersion: z.literal(1),
  restoreId: z.string(),
  source: z.string(),
  target: z.string(),
  requestedTime: z.string(),
  requestedAt: z.string(),
  targetTime: z.iso.datetime(),
  databases: z.array(
    z.object({
      database: z.string(),
      targetDatabase: z.string(),
      reach: z.enum(['stops-inside', 'nothing-between', 'end-of-backups']),
      stepCount: z.int().positive(),
      totalBytes: z.int().nonnegative(),
      /** File beside the plan. */
      steps: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._~-]*\.json$/),
      stepsDigest: z.string(),
    }),
  ),
});

const stepsDocument = z.object({
  formatVersion: z.literal(1),
  database: z.string(),
  steps: z.array(
    z.object({
      /** Below the store. */
      manifest: z.string(),
      manifestDigest: z.string(),
      kind: z.enum(['full', 'differential', 'log']),
      startedAt: z.string(),
      finishedAt: z.string(),
      firstLsn: z.string(),
      lastLsn: z.string(),
      sizeBytes: z.number(),
      /** STOPAT in the source's local time. */
      stopAt: z.string().nullable(),
    }),
  ),
});

export type PlanDocument = z.infer<typeof planDocument>;
export type StepsDocument = z.infer<typeof stepsDocument>;
export type PlannedDatabaseDocument = PlanDocument['databases'][number];

/** Steps one after another are a few hundred bytes each; ten thousand are well below this. */
const mostPlanBytes = 256 * 1024 * 1024;

interface PlanReference {
  readonly planPath: string;
  readonly planDigest: string;
}

interface SliceReference extends PlanReference {
  readonly database: string;
  readonly from: number;
  readonly to: number;
}

export interface Step extends RestoreStep {
  readonly index: number;
  /** Below the store. */
  readonly manifest: string;
}

export async function readPlanDocument(store: string, { planPath, planDigest }: PlanReference): Promise<PlanDocument> {
  return readChecked(store, planPath, planDigest, planDocument);
}

/** Steps [from, to) of one database, from manifests that are those of the plan. */
export async function readSteps(
  store: string,
  reference: SliceReference,
): Promise<{
  readonly plan: PlanDocument;
  readonly planned: PlannedDatabaseDocument;
  readonly steps: readonly Step[];
}> {
  const plan = await readPlanDocument(store, reference);
  const planned = plan.databases.find(({ database }) => database === reference.database);
  if (planned === undefined) {
    throw failure(
      'InvalidInput',
      `The plan ${reference.planPath} has no database ${JSON.stringify(reference.database)}`,
    );
  }
  const folder = reference.planPath.replace(/[^/]+$/, '');
  const document = await readChecked(store, `${folder}${planned.steps}`, planned.stepsDigest, stepsDocument);
  const { from, to } = reference;
  if (!(Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from <= to && to <= document.steps.length)) {
    throw failure('InvalidInput', `The plan has steps 0 to ${document.steps.length}, not ${from} to ${to}`);
  }
  const steps = await inLanes(document.steps.slice(from, to), 8, async ({ manifest, manifestDigest, stopAt }, i) => ({
    index: from + i,
    manifest,
    stopAt,
    set: await readPlannedSet(store, manifest, manifestDigest),
  }));
  return { plan, planned, steps };
}

async function readPlannedSet(store: string, manifest: string, digest: string): Promise<BackupSet> {
  const parsed = parseManifest(await readDigested(store, manifest, digest));
  if ('set' in parsed) return parsed.set;
  throw failure('FileDamaged', `${manifest} ${parsed.problem}`);
}

async function readChecked<T>(store: string, path: string, digest: string, schema: z.ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(JSON.parse(await readDigested(store, path, digest)));
  if (parsed.success) return parsed.data;
  throw failure('FileDamaged', `${path} was written by another version: ${z.prettifyError(parsed.error)}`);
}

async function readDigested(store: string, path: string, digest: string): Promise<string> {
  const text = await readSmall(await inside(store, path), mostPlanBytes);
  if (text === null) throw failure('FileMissing', `${path} is not in the store`);
  if (sha256(text) === digest) return text;
  throw failure('FileDamaged', `${path} is not the file that was planned with: its content changed`);
}
