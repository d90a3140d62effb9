import { recoverStatement, restoreStatement } from '../../workflows/domain/commands.ts';
import { addedFiles, fileToken, moveClauses } from '../../workflows/domain/move.ts';
import { safeName } from '../../workflows/domain/naming.ts';
import type { DatabasePlan } from '../../workflows/domain/plan-types.ts';
import { restoreSteps } from '../../workflows/domain/restore-plan.ts';
import { restoreFolder } from './io/our-folders.ts';

interface CommandOptions {
  readonly restoreId: string;
  readonly databases: readonly { readonly plan: DatabasePlan; readonly targetDatabase: string }[];
  readonly dataPath: string;
  readonly logPath: string;
}

const mostLines = 200;
/** Together with the rest of the plan's summary well below the size at which Temporal warns. */
const mostCharacters = 100_000;

/** The T-SQL of a plan in order, for people to read; recovery comes last, for all databases. */
export function planCommands({ restoreId, databases, dataPath, logPath }: CommandOptions): readonly string[] {
  const lines: string[] = [];
  const total = databases.reduce((sum, { plan }) => sum + restoreSteps(plan).length + 1, 0);
  let characters = 0;
  for (const line of commands()) {
    characters += line.length;
    if (lines.length === mostLines - 1 || characters > mostCharacters) {
      const left = total - lines.length;
      lines.push(left === 1 && characters <= mostCharacters ? line : `-- and ${left} more`);
      break;
    }
    lines.push(line);
  }
  return lines;

  function* commands(): Generator<string> {
    for (const { plan, targetDatabase } of databases) {
      const token = fileToken(restoreId);
      const folder = `/var/opt/mssql/${restoreFolder}/${restoreId}/${safeName(plan.database)}`;
      for (const { set, stopAt } of restoreSteps(plan)) {
        const files = set === plan.base ? set.databaseFiles : addedFiles(plan.base.databaseFiles, set.databaseFiles);
        yield restoreStatement({
          database: targetDatabase,
          kind: set.kind,
          files: set.files.map(({ name }) => `${folder}/${name}`),
          position: set.position,
          moves: moveClauses(files, { targetDatabase, token, dataPath, logPath }),
          checksum: set.hasChecksums,
          stopAt,
        });
      }
    }
    for (const { targetDatabase } of databases) yield recoverStatement(targetDatabase);
  }
}
