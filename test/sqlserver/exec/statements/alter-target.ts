import { SqlError, type SqlValue, type TableDefinition } from '../../contracts.ts';
import type { ObjectName } from '../../tsql/ast/name.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { resolveTable, type Target } from '../write/target.ts';
import { requirePermission } from './tables.ts';

export type MapRow = (values: readonly SqlValue[]) => readonly SqlValue[];

/** Changes a definition under the table's exclusive lock. */
export async function alter(
  target: Target,
  definition: TableDefinition,
  map: MapRow | undefined,
  run: StatementRun,
): Promise<void> {
  const table = target.table(run);
  if (target.database === undefined) {
    run.temporaryWriter().alter(table, definition, map);
    return;
  }
  run.checkWritable();
  await run.lock(target.database, table, 'exclusive');
  run.unit.writer(target.database).alterTable(table, definition, map);
}

export function alterTarget(name: ObjectName, line: number, run: StatementRun, code: number): Target {
  try {
    const target = run.compile(() => resolveTable(name, line, run, undefined));
    if (target.database !== undefined) requirePermission(run, target.database, 'ALTER');
    return target;
  } catch (error) {
    if (!(error instanceof SqlError) || error.messages[0]?.number !== 208) throw error;
    const written = name.schema === undefined ? name.name : `${name.schema}.${name.name}`;
    const text = `Cannot find the object "${written}" because it does not exist or you do not have permissions.`;
    throw new SqlError({ number: code, class: 16, state: 1, text });
  }
}
