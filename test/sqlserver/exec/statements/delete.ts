import { SqlError } from '../../contracts.ts';
import type { DeleteStatement, TruncateStatement } from '../../tsql/ast/modification.ts';
import { unsupported } from '../../tsql/errors.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { bindCommonTable } from '../query/common-table.ts';
import { nameText, type Dependency, type TableUse } from '../query/planner.ts';
import { planChangeSource, type ChangeSource } from '../write/change-source.ts';
import { ForeignKeys } from '../write/foreign-keys.ts';
import { planOutput, type OutputPlan } from '../write/output-clause.ts';
import { resolveTable, writerFor } from '../write/target.ts';
import { emitOutput } from './emit-output.ts';
import { cachedPlan } from './plan-cache.ts';

interface PlannedDelete {
  readonly source: ChangeSource;
  readonly output: OutputPlan | undefined;
  readonly uses: readonly TableUse[];
  readonly dependencies: readonly Dependency[];
}

export async function executeDelete(statement: DeleteStatement, run: StatementRun): Promise<Outcome> {
  if (statement.currentOf !== undefined) throw unsupported('WHERE CURRENT OF', statement.line);
  const { source, output, uses } = cachedPlan(statement, run, () => planDelete(statement, run));
  const writer = await writerFor(source.target, run);
  await run.lockUses(uses);
  const table = source.target.table(run);
  const foreignKeys = await ForeignKeys.open(source.target.database, table, run);
  const rows = await source.rows(run);
  for (const { stored } of rows) writer.delete(table, stored);
  foreignKeys?.checkOld(
    rows.map(({ stored }) => stored),
    'DELETE',
    table,
  );
  const resultSet = await emitOutput(
    output,
    rows.map(({ stored, row }) => ({ inserted: undefined, deleted: stored.values, source: row })),
    run,
  );
  run.session.affected = rows.length;
  return { done: { curCmd: 196, rowCount: rows.length, resultSet } };
}

function planDelete(statement: DeleteStatement, run: StatementRun): PlannedDelete {
  const planner = run.planner().withCommonTables(statement.commonTables, bindCommonTable);
  const source = planChangeSource(
    {
      target: statement.target,
      from: statement.from,
      where: statement.where,
      top: statement.top,
      permission: 'DELETE',
    },
    planner,
    run,
  );
  const output =
    statement.output === undefined
      ? undefined
      : planOutput(
          statement.output,
          source.target.definition,
          { inserted: false, deleted: true },
          statement.from === undefined ? [] : source.scope.sources,
          planner,
          run,
        );
  return { source, output, uses: planner.uses, dependencies: planner.dependencies };
}

export async function executeTruncate(statement: TruncateStatement, run: StatementRun): Promise<Outcome> {
  const target = run.compile(() => resolveTable(statement.table, statement.line, run, 'DELETE'));
  const table = target.table(run);
  for (const other of target.database?.tables() ?? []) {
    const referenced = other.definition.foreignKeys.some(
      (key) =>
        key.references.table.toLowerCase() === target.definition.name.toLowerCase() &&
        key.references.schema.toLowerCase() === target.definition.schema.toLowerCase(),
    );
    if (other === table || !referenced) continue;
    throw new SqlError({
      number: 4712,
      class: 16,
      state: 1,
      text: `Cannot truncate table '${nameText(statement.table)}' because it is being referenced by a FOREIGN KEY constraint.`,
    });
  }
  const writer = await writerFor(target, run);
  writer.truncate(table);
  run.session.affected = 0;
  return { done: { curCmd: 253 } };
}
