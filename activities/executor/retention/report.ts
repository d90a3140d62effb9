import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RetainedDatabase, RetainedGroup } from '../../../workflows/contracts.ts';
import type { BackupKind } from '../../../workflows/domain/backup-set.ts';
import { safeName } from '../../../workflows/domain/naming.ts';
import { makeFolders } from '../io/durable.ts';
import { filing } from '../io/errors.ts';
import { inside } from '../io/inside.ts';
import { replaceDurably } from '../io/text.ts';
import { bytesOf } from '../store/chain-cache.ts';
import { layout } from '../store/layout.ts';
import type { DecidedSet, Decision } from './decide.ts';
import type { RetentionTasks } from './tasks.ts';

const mostGroups = 20;
const keptReports = 100;

/** One line for all sets of a kind that stay, or go, for the same reason. */
export function summary({ database, sets, uncertain }: Decision): RetainedDatabase {
  const groups = Map.groupBy(sets, ({ set, keptFor }) => `${keptFor ?? 'removed'} ${set.kind}`);
  const removed = sets.filter(({ keptFor }) => keptFor === null);
  const kept = sets.filter(({ keptFor }) => keptFor !== null);
  return {
    database,
    removed: { sets: removed.length, bytes: bytesOf(knownOf(removed)) },
    kept: { sets: kept.length, bytes: bytesOf(knownOf(kept)) },
    groups: [...groups.values()]
      .map(groupOf)
      .sort((a, b) => (a.from < b.from ? -1 : 1))
      .slice(0, mostGroups),
    uncertain: uncertain.slice(0, 5),
  };
}

function groupOf(sets: readonly DecidedSet[]): RetainedGroup {
  const times = sets.map(({ set }) => set.finishedAt).sort();
  const reasons = new Set(sets.map(({ why }) => why));
  const [first] = sets as [DecidedSet];
  const more = reasons.size > 1 ? ` (and ${reasons.size - 1} like it)` : '';
  return {
    removed: first.keptFor === null,
    kind: first.set.kind,
    sets: sets.length,
    bytes: bytesOf(knownOf(sets)),
    from: times[0] ?? '',
    to: times.at(-1) ?? '',
    why: `${first.why}${more}`,
  };
}

function knownOf(sets: readonly DecidedSet[]): DecidedSet['known'][] {
  return sets.map(({ known }) => known);
}

export interface ReportedDatabase extends RetainedDatabase {
  readonly removedSets: readonly {
    readonly id: string;
    readonly kind: BackupKind;
    readonly finishedAt: string;
    readonly manifest: string;
    readonly why: string;
  }[];
}

export function reportOf(decision: Decision): ReportedDatabase {
  const gone = decision.sets.filter(({ keptFor }) => keptFor === null);
  return {
    ...summary(decision),
    removedSets: gone.map(({ set: { id, kind, finishedAt }, known: { manifest }, why }) => {
      return { id, kind, finishedAt, manifest, why };
    }),
  };
}

/** Every set that was removed, and why; the newest reports are kept. @returns path below the store */
export async function writeReport(
  store: string,
  { instance, run, policy, nowMs }: RetentionTasks['retain']['input'],
  databases: readonly ReportedDatabase[],
): Promise<string> {
  const folder = layout.retentionReports(instance);
  const realFolder = await inside(store, folder);
  await filing(`make ${realFolder}`, () => makeFolders(realFolder));
  const decidedAt = new Date(nowMs).toISOString();
  const text = `${JSON.stringify({ formatVersion: 1, instance, run, decidedAt, policy, databases }, null, 1)}\n`;
  const name = `${safeName(run)}.json`;
  await replaceDurably(join(realFolder, name), text, await inside(store, layout.partials(instance)));
  await filing(`clean ${realFolder}`, async () => {
    const reports = (await readdir(realFolder)).sort();
    for (const old of reports.slice(0, Math.max(0, reports.length - keptReports)))
      await rm(join(realFolder, old), { force: true });
  });
  return `${folder}/${name}`;
}
