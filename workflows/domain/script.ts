import type { BackupFile, BackupSet, DatabaseFile } from './backup-set.ts';
import { recoverStatement, restoreStatement } from './commands.ts';
import { addedFiles, moveClauses, type MoveOptions } from './move.ts';
import type { DatabasePlan, RestoreStep } from './plan-types.ts';
import { restoreSteps } from './restore-plan.ts';

export interface StepOptions extends MoveOptions {
  /** Files of the database as the base holds them. */
  readonly baseFiles: readonly DatabaseFile[];
  /** The step's backup files as the target's server sees them, in media-family order. */
  readonly files: readonly string[];
}

/** The statement of one step. The base moves every file; later steps move those that were added since. */
export function stepStatement({ set, stopAt }: RestoreStep, options: StepOptions): string {
  const moved = set.kind === 'full' ? set.databaseFiles : addedFiles(options.baseFiles, set.databaseFiles);
  return restoreStatement({
    database: options.targetDatabase,
    kind: set.kind,
    files: options.files,
    position: set.position,
    moves: moveClauses(moved, options),
    checksum: set.hasChecksums,
    stopAt,
  });
}

export interface ScriptOptions extends MoveOptions {
  /** Where a staged file lies, as the target's server sees it. */
  pathOf(file: BackupFile, set: BackupSet): string;
}

/** All statements of a plan, in order: what a restore runs, and what `restore --plan` shows. */
export function restoreScript(plan: DatabasePlan, options: ScriptOptions): string[] {
  const statements = restoreSteps(plan).map((step) =>
    stepStatement(step, {
      ...options,
      baseFiles: plan.base.databaseFiles,
      files: step.set.files.map((file) => options.pathOf(file, step.set)),
    }),
  );
  return [...statements, recoverStatement(options.targetDatabase)];
}
