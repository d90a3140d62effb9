import { join } from 'node:path';
import type { BackupSet } from '../../../workflows/domain/backup-set.ts';
import { planTogether, type CommonOutcome } from '../../../workflows/domain/common-moment.ts';
import { restoreSteps } from '../../../workflows/domain/restore-plan.ts';
import type { DatabasePlan } from '../../../workflows/domain/plan-types.ts';
import { inside } from '../io/inside.ts';
import { inLanes } from '../io/lanes.ts';
import { sizeOf } from '../io/size.ts';
import { asLost, type Entry, type LostEntry, type Problem } from './catalogue.ts';
import { layout } from './layout.ts';

/** What the store holds of one database. */
export interface DatabaseEntries {
  readonly database: string;
  readonly entries: readonly Entry[];
  /** Sets that are not to be used; they tell why a moment cannot be reached. */
  readonly lost: readonly LostEntry[];
}

interface Chosen {
  readonly outcome: CommonOutcome;
  /** Sets that a plan would have used but for their files. */
  readonly problems: readonly Problem[];
}

/**
 * Plans with backups whose files are there, in the size that their manifests say. One that is not is left out, and
 * planned again: there may be another way, an older full backup with more logs after it.
 */
export async function chooseBackups(
  store: string,
  instance: string,
  databases: readonly DatabaseEntries[],
  target: number | 'latest',
): Promise<Chosen> {
  const excluded = new Map<BackupSet, string>();
  const problems: Problem[] = [];
  for (;;) {
    const left = databases.map(({ database, entries, lost }) => {
      const gone = [
        ...lost.map(({ set, why }) => [asLost(set), why] as const),
        ...entries.flatMap(({ set }) => (excluded.has(set) ? [[asLost(set), excluded.get(set) ?? ''] as const] : [])),
      ];
      const there = entries.map(({ set }) => set).filter((set) => !excluded.has(set));
      return { database, sets: [...there, ...gone.map(([set]) => set)], lost: new Map<BackupSet, string>(gone) };
    });
    const outcome = planTogether(left, target);
    const damaged = outcome.ok ? await damagedIn(store, instance, outcome.plans) : [];
    if (damaged.length === 0) return { outcome, problems };
    for (const { set, problem } of damaged) {
      excluded.set(set, problem.message);
      problems.push(problem);
    }
  }
}

async function damagedIn(
  store: string,
  instance: string,
  plans: readonly DatabasePlan[],
): Promise<readonly { readonly set: BackupSet; readonly problem: Problem }[]> {
  const found = await inLanes(plans, 1, async (plan) => {
    const path = layout.database(instance, plan.database);
    const folder = await inside(store, path);
    return inLanes(restoreSteps(plan), 16, async ({ set }) => {
      for (const file of set.files) {
        const size = await sizeOf(join(folder, file.name));
        if (size === file.sizeBytes) continue;
        const what = size === null ? 'is gone' : `has ${size} bytes, and its manifest says ${file.sizeBytes}`;
        return { set, problem: { database: plan.database, message: `${path}/${file.name} ${what}` } };
      }
      return null;
    });
  });
  return found.flat().filter((one) => one !== null);
}
