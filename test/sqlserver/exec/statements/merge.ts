import { SqlError, type SqlValue, type StoredRow } from '../../contracts.ts';
import type { MergeAction, MergeStatement } from '../../tsql/ast/modification.ts';
import type { TableSource } from '../../tsql/ast/query.ts';
import { compileCondition } from '../expression/condition.ts';
import { compileExpression } from '../expression/compile.ts';
import type { Compiled, Test } from '../expression/compiled.ts';
import { Row } from '../expression/row.ts';
import { Scope } from '../expression/scope.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { bindCommonTable } from '../query/common-table.ts';
import { planFrom } from '../query/from.ts';
import { collect } from '../query/pace.ts';
import { nameText } from '../query/planner.ts';
import type { RowWriter } from '../session/temporary.ts';
import { ForeignKeys } from '../write/foreign-keys.ts';
import { buildRow, DEFAULT_VALUE, insertPlan, type InsertPlan } from '../write/insert-rows.ts';
import { planOutput, type OutputRow } from '../write/output-clause.ts';
import { resolveTarget, writerFor, type Target } from '../write/target.ts';
import { planAssignments, type UpdatePlan } from '../write/update-rows.ts';
import { emitOutput } from './emit-output.ts';

interface Branch {
  readonly when: MergeStatement['branches'][number]['when'];
  readonly test: Test | undefined;
  readonly action:
    | { readonly kind: 'update'; readonly plan: UpdatePlan }
    | { readonly kind: 'delete' }
    | { readonly kind: 'insert'; readonly plan: InsertPlan; readonly values: readonly (Compiled | undefined)[] };
}

type Change =
  | { readonly kind: 'UPDATE'; readonly stored: StoredRow; readonly values: readonly SqlValue[]; readonly row: Row }
  | { readonly kind: 'DELETE'; readonly stored: StoredRow; readonly row: Row }
  | { readonly kind: 'INSERT'; readonly values: readonly SqlValue[]; readonly row: Row };

/** MERGE: source rows meet the target through an outer join; the first branch that fits acts. */
export async function executeMerge(statement: MergeStatement, run: StatementRun): Promise<Outcome> {
  const plan = run.compile(() => planMerge(statement, run));
  const { target, matching, branches, output, uses } = plan;
  const writer = await writerFor(target, run);
  await run.lockUses(uses.filter((use) => use.table !== target.table(run)));
  const table = target.table(run);
  const foreignKeys = await ForeignKeys.open(target.database, table, run);
  const changes = chooseChanges(await matching(run), branches, plan.bySource, run, writer);
  const results = apply(changes, writer, table, run);
  foreignKeys?.checkNew(
    changes.flatMap((change) => (change.kind === 'DELETE' ? [] : [change.values])),
    'MERGE',
  );
  foreignKeys?.checkOld(
    changes.flatMap((change) => (change.kind === 'INSERT' ? [] : [change.stored])),
    'MERGE',
    table,
  );
  const resultSet = await emitOutput(output, results, run);
  run.session.affected = changes.length;
  return { done: { curCmd: 279, rowCount: changes.length, resultSet } };
}

function planMerge(statement: MergeStatement, run: StatementRun) {
  const planner = run.planner().withCommonTables(statement.commonTables, bindCommonTable);
  const target = resolveTarget(statement.target, run, 'INSERT');
  const targetSource: TableSource =
    statement.target.kind === 'variable'
      ? {
          kind: 'variable',
          name: statement.target.name,
          line: statement.line,
          ...(statement.alias === undefined ? {} : { alias: statement.alias }),
        }
      : {
          kind: 'table',
          name: statement.target.name,
          hints: [],
          line: statement.line,
          ...(statement.alias === undefined ? {} : { alias: statement.alias }),
        };
  const alias =
    statement.alias ?? (statement.target.kind === 'variable' ? statement.target.name : statement.target.name.name);
  const scope = new Scope(planner);
  const from = planFrom(
    { kind: 'join', join: 'left', left: statement.source, right: targetSource, on: statement.on },
    undefined,
    planner,
    scope,
    (leaves) => leaves.findLastIndex((leaf) => leaf.alias.toLowerCase() === alias.toLowerCase()),
  );
  const targetIndex = from.leaves.length - 1;
  const branches = statement.branches.map((branch): Branch => ({
    when: branch.when,
    test: branch.and === undefined ? undefined : compileCondition(branch.and, scope),
    action: planAction(branch.action, target, scope, targetIndex, run),
  }));
  const output =
    statement.output === undefined
      ? undefined
      : planOutput(
          statement.output,
          target.definition,
          { inserted: true, deleted: true, action: true },
          scope.sources,
          planner,
          run,
        );
  const matching = (at: StatementRun): Promise<Row[]> => {
    const base = new Row(new Array<readonly []>(scope.sources.length).fill([]), null);
    return collect(from.run(at, base), at);
  };
  // Target rows that no source row met, with nulls for the source.
  const bySource = (at: StatementRun, met: ReadonlySet<StoredRow>): Row[] => {
    const rows: Row[] = [];
    for (const stored of target.table(at).rows()) {
      if (met.has(stored)) continue;
      const parts: (readonly SqlValue[])[] = scope.sources.map((source) => source.columns.map(() => null));
      parts[targetIndex] = stored.values;
      rows.push(new Row(parts, null, stored));
    }
    return rows;
  };
  return { target, matching, branches, output, bySource, uses: planner.uses, name: nameText(target.name) };
}

function planAction(
  action: MergeAction,
  target: Target,
  scope: Scope,
  targetIndex: number,
  run: StatementRun,
): Branch['action'] {
  switch (action.kind) {
    case 'delete':
      return { kind: 'delete' };
    case 'update':
      return { kind: 'update', plan: planAssignments(action.assignments, target, scope, targetIndex) };
    case 'insert': {
      const values = (action.values ?? []).map((value) =>
        value.kind === 'default' ? undefined : compileExpression(value, scope),
      );
      const names = action.values === undefined ? [] : action.columns;
      const plan = insertPlan(
        target,
        names,
        values.map((value) => value ?? { type: { name: 'int' }, untyped: true }),
        run,
      );
      return { kind: 'insert', plan, values };
    }
  }
}

function chooseChanges(
  matching: readonly Row[],
  branches: readonly Branch[],
  bySource: (run: StatementRun, met: ReadonlySet<StoredRow>) => Row[],
  run: StatementRun,
  writer: RowWriter,
): Change[] {
  const changes: Change[] = [];
  const met = new Set<StoredRow>();
  const changed = new Set<StoredRow>();
  const choose = (when: Branch['when'], row: Row): void => {
    const branch = branches.find(
      (other) => other.when === when && (other.test === undefined || other.test(row, run) === true),
    );
    if (branch === undefined) return;
    const change = changeOf(branch, row, run, writer);
    if (change.kind !== 'INSERT') {
      if (changed.has(change.stored)) {
        throw new SqlError({
          number: 8672,
          class: 16,
          state: 1,
          text: 'The MERGE statement attempted to UPDATE or DELETE the same row more than once. This happens when a target row matches more than one source row. A MERGE statement cannot UPDATE/DELETE the same row of the target table multiple times. Refine the ON clause to ensure a target row matches at most one source row, or use the GROUP BY clause to group the source rows.',
        });
      }
      changed.add(change.stored);
    }
    changes.push(change);
  };
  for (const row of matching) {
    if (row.target !== null) met.add(row.target);
    choose(row.target === null ? 'not matched by target' : 'matched', row);
  }
  if (branches.some((branch) => branch.when === 'not matched by source')) {
    for (const row of bySource(run, met)) choose('not matched by source', row);
  }
  return changes;
}

function changeOf(branch: Branch, row: Row, run: StatementRun, writer: RowWriter): Change {
  const { action } = branch;
  if (action.kind === 'insert') {
    const source = action.values.map((value) => (value === undefined ? DEFAULT_VALUE : value.evaluate(row, run)));
    return { kind: 'INSERT', values: buildRow(action.plan, source, writer, run, 'MERGE'), row };
  }
  const stored = row.target as StoredRow;
  if (action.kind === 'delete') return { kind: 'DELETE', stored, row };
  return { kind: 'UPDATE', stored, values: action.plan.newValues(stored, row, run, 'MERGE'), row };
}

function apply(
  changes: readonly Change[],
  writer: RowWriter,
  table: ReturnType<Target['table']>,
  run: StatementRun,
): OutputRow[] {
  run.throwIfInterrupted();
  for (const change of changes) if (change.kind === 'DELETE') writer.delete(table, change.stored);
  return changes.map((change): OutputRow => {
    const { kind: action, row: source } = change;
    if (change.kind === 'DELETE') return { action, source, deleted: change.stored.values, inserted: undefined };
    if (change.kind === 'INSERT')
      return { action, source, deleted: undefined, inserted: writer.insert(table, change.values).values };
    writer.update(table, change.stored, change.values);
    return { action, source, deleted: change.stored.values, inserted: change.values };
  });
}
