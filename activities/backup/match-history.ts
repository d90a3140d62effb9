import type { DatabaseFailure, RunRef } from '../../workflows/contracts.ts';
import type { StagedSet } from '../executor/tasks.ts';
import type { History } from '../sql-server/history.ts';
import { belowRoot } from '../sql-server/paths.ts';

import { stagedSet } from './staged-set.ts';
import { namesOfRun } from './take-backup.ts';

export interface MatchOptions {
  readonly run: RunRef;
  readonly utcOffsetMinutes: number;
}

export interface Matched {
  readonly sets: readonly StagedSet[];
  /** Files that msdb knows nothing of. */
  readonly unrecorded: readonly string[];
  /** Backups that no run of ours takes: of files or filegroups, or several on one medium. */
  readonly foreign: readonly string[];
  /** Records of msdb that no manifest can be made of. */
  readonly failed: readonly DatabaseFailure[];
}

/**
 * Staged files and what msdb says was written into them. A set of which only some files are left is a set too: the executor knows
 * whether the store has it.
 */
export function matchHistory(files: readonly string[], history: History, options: MatchOptions): Matched {
  const staged = new Set(files);
  const recorded = new Set<string>();
  const sets: StagedSet[] = [];
  const foreign: string[] = [];
  const failed: DatabaseFailure[] = [];
  const filesOf = Map.groupBy(history.files, (file) => file.setId);
  const setsOnMedia = Map.groupBy(history.families, (row) => row.mediaSetId);
  for (const rows of Map.groupBy(history.families, (row) => row.setId).values()) {
    const [row] = rows;
    const stagedFiles = rows.flatMap((family) => belowRoot(family.device) ?? []);
    for (const file of stagedFiles) recorded.add(file);
    if (row === undefined || !stagedFiles.some((file) => staged.has(file))) continue;

    const sharesMedia = setsOnMedia.get(row.mediaSetId)?.some((other) => other.setId !== row.setId) ?? false;
    const set = orFailure(failed, row.database, () =>
      stagedSet(row, filesOf.get(row.setId) ?? [], {
        instance: options.run.instance,
        takenBy: takenBy(row.name, options.run),
        utcOffsetMinutes: options.utcOffsetMinutes,
        stagedFiles,
      }),
    );
    if (set === undefined) continue;
    if (set === null || sharesMedia) foreign.push(...stagedFiles);
    else sets.push(set);
  }
  return { sets, unrecorded: files.filter((file) => !recorded.has(file)), foreign, failed };
}

/** One odd record must not keep all other backups out of the store. */
function orFailure<T>(failed: DatabaseFailure[], database: string, make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    failed.push({
      database,
      type: 'SqlError',
      message: `The record of a backup in msdb cannot be used: ${error.message}`,
    });
    return undefined;
  }
}

/** Other runs are known by their staging folder only; which workflow they were, nobody wrote down. */
export function takenBy(name: string | null, run: RunRef): { workflowId: string; runId: string } | null {
  const ours = name?.startsWith(`${namesOfRun(run.run)} `) ?? false;
  return ours ? { workflowId: run.workflowId, runId: run.runId } : null;
}
