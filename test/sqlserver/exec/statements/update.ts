import type { UpdateStatement } from '../../tsql/ast/modification.ts';
import { unsupported } from '../../tsql/errors.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { bindCommonTable } from '../query/common-table.ts';
import type { Dependency, TableUse } from '../query/planner.ts';
import { planChangeSource, type ChangeSource } from '../write/change-source.ts';
import { ForeignKeys } from '../write/foreign-keys.ts';
import { planOutput, type OutputPlan } from '../write/output-clause.ts';
import { writerFor } from '../write/target.ts';
import { applyUpdates, planAssignments, type UpdatePlan } from '../write/update-rows.ts';
import { emitOutput } from './emit-output.ts';
import { cachedPlan } from './plan-cache.ts';

interface PlannedUpdate {
  readonly source: ChangeSource;
  readonly update: UpdatePlan;
  readonly output: OutputPlan | undefined;
  readonly uses: readonly TableUse[];
  readonly dependencies: readonly Dependency[];
}

export async function executeUpdate(statement: UpdateStatement, run: StatementRun): Promise<Outcome> {
  if (statement.currentOf !== undefined) throw unsupported('WHERE CURRENT OF', statement.line);
  const { source, update, output, uses } = cachedPlan(statement, run, () => planUpdate(statement, run));
  const writer = await writerFor(source.target, run);
  await run.lockUses(uses);
  const table = source.target.table(run);
  const foreignKeys = await ForeignKeys.open(source.target.database, table, run);
  const found = await source.rows(run);
  const changes = found.map(({ stored, row }) => ({
    stored,
    row,
    values: update.newValues(stored, row, run, 'UPDATE'),
  }));
  applyUpdates(update, changes, writer, run);
  foreignKeys?.checkNew(
    changes.map(({ values }) => values),
    'UPDATE',
  );
  foreignKeys?.checkOld(
    changes.map(({ stored }) => stored),
    'UPDATE',
    table,
  );
  const resultSet = await emitOutput(
    output,
    changes.map(({ stored, values, row }) => ({ inserted: values, deleted: stored.values, source: row })),
    run,
  );
  run.session.affected = changes.length;
  return { done: { curCmd: 197, rowCount: changes.length, resultSet } };
}

function planUpdate(statement: UpdateStatement, run: StatementRun): PlannedUpdate {
  const planner = run.planner().withCommonTables(statement.commonTables, bindCommonTable);
  const source = planChangeSource(
    {
      target: statement.target,
      from: statement.from,
      where: statement.where,
      top: statement.top,
      permission: 'UPDATE',
    },
    planner,
    run,
  );
  const update = planAssignments(statement.assignments, source.target, source.scope, source.targetIndex);
  const output =
    statement.output === undefined
      ? undefined
      : planOutput(
          statement.output,
          source.target.definition,
          { inserted: true, deleted: true },
          statement.from === undefined ? [] : source.scope.sources,
          planner,
          run,
        );
  return { source, update, output, uses: planner.uses, dependencies: planner.dependencies };
}
