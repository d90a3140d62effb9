import { storedBytes, type BackupSet } from '../../../workflows/domain/backup-set.ts';
import { safeName } from '../../../workflows/domain/naming.ts';
import type { DatabasePlan } from '../../../workflows/domain/plan-types.ts';
import { restoreSteps } from '../../../workflows/domain/restore-plan.ts';
import { makeFolders } from '../io/durable.ts';
import { filing } from '../io/errors.ts';
import { inside } from '../io/inside.ts';
import { replaceDurably, sha256 } from '../io/text.ts';
import type { Entry } from './catalogue.ts';
import { layout } from './layout.ts';
import type { PlanDocument, PlannedDatabaseDocument, StepsDocument } from './plan-document.ts';

interface PlanFacts extends Omit<PlanDocument, 'formatVersion' | 'databases'> {
  readonly databases: readonly { readonly plan: DatabasePlan; readonly targetDatabase: string }[];
  readonly entryOf: (set: BackupSet) => Entry;
}

/** Writes the steps of every database, then the plan that names them by digest. */
export async function writePlan(
  store: string,
  { entryOf, databases, ...facts }: PlanFacts,
): Promise<{ readonly planPath: string; readonly planDigest: string }> {
  const folder = layout.restore(facts.source, facts.restoreId);
  const partials = await inside(store, layout.partials(facts.source));
  const realFolder = await inside(store, folder);
  await filing(`make ${realFolder}`, () => makeFolders(realFolder));
  const write = async (name: string, document: PlanDocument | StepsDocument): Promise<string> => {
    const text = `${JSON.stringify(document, null, 1)}\n`;
    await replaceDurably(await inside(store, `${folder}/${name}`), text, partials);
    return sha256(text);
  };

  const written: PlannedDatabaseDocument[] = [];
  for (const { plan, targetDatabase } of databases) {
    const { database, reach } = plan;
    const steps = stepsOf(plan, entryOf);
    const name = `${safeName(database)}.steps.json`;
    written.push({
      database,
      targetDatabase,
      reach,
      stepCount: steps.length,
      totalBytes: steps.reduce((sum, step) => sum + step.sizeBytes, 0),
      steps: name,
      stepsDigest: await write(name, { formatVersion: 1, database, steps }),
    });
  }
  const planDigest = await write('plan.json', { formatVersion: 1, ...facts, databases: written });
  return { planPath: `${folder}/plan.json`, planDigest };
}

function stepsOf(plan: DatabasePlan, entryOf: (set: BackupSet) => Entry): StepsDocument['steps'] {
  return restoreSteps(plan).map(({ set, stopAt }) => {
    const { manifest, digest } = entryOf(set);
    const { kind, startedAt, finishedAt, firstLsn, lastLsn } = set;
    const sizeBytes = storedBytes(set);
    return { manifest, manifestDigest: digest, kind, startedAt, finishedAt, firstLsn, lastLsn, sizeBytes, stopAt };
  });
}
