import type { BackupSet } from './backup-set.ts';
import { moment } from './moment.ts';
import { planDatabase } from './restore-plan.ts';

/** What a person points at: a moment, or a backup set. */
export type PointedAt = { readonly atMs: number } | { readonly setId: string };

export type RestorePoint =
  | { readonly ok: true; readonly setIds: readonly string[]; readonly atMs: number | null; readonly what: string }
  | { readonly ok: false; readonly problem: string };

/**
 * The sets that one restore point needs. A data backup needs its base; a log is needed for the last moment that it covers, with
 * all that leads there.
 */
export function restorePoint(sets: readonly BackupSet[], pointed: PointedAt): RestorePoint {
  if ('atMs' in pointed) return momentPoint(sets, pointed.atMs);
  const set = sets.find(({ id }) => id === pointed.setId.toUpperCase());
  if (set === undefined) return { ok: false, problem: `the store holds no backup set ${pointed.setId} of it` };
  if (set.isDamaged) return { ok: false, problem: `the backup set ${set.id} is damaged` };
  const what = `${set.kind} backup of ${set.finishedAt}`;
  if (set.kind === 'full') return { ok: true, setIds: [set.id], atMs: null, what };
  if (set.kind === 'differential') {
    const base = sets.find(({ id, isDamaged }) => id === set.differentialBaseId && !isDamaged);
    if (base === undefined) return { ok: false, problem: `the full that ${set.id} stands on is not in the store` };
    return { ok: true, setIds: [base.id, set.id], atMs: null, what };
  }
  const reachMs = Math.max(Date.parse(set.startedAt), Date.parse(set.lastValidRestoreTime ?? set.startedAt));
  const point = momentPoint(sets, reachMs);
  return point.ok ? { ...point, setIds: [...new Set([...point.setIds, set.id])], what } : point;
}

function momentPoint(sets: readonly BackupSet[], atMs: number): RestorePoint {
  const outcome = planDatabase(sets, atMs);
  if (!outcome.ok) {
    const { reason, nearestBeforeMs, nearestAfterMs } = outcome.refusal;
    const near = [nearestBeforeMs, nearestAfterMs].flatMap((ms) => (ms === null ? [] : [moment(ms)]));
    const nearest = near.length === 0 ? '' : ` Nearest reachable: ${near.join(' and ')}.`;
    return { ok: false, problem: `${moment(atMs)} cannot be reached. ${reason}${nearest}` };
  }
  const { base, differential, logs } = outcome.plan;
  const used = [base, ...(differential === null ? [] : [differential]), ...logs];
  return { ok: true, setIds: used.map(({ id }) => id), atMs, what: moment(atMs) };
}
