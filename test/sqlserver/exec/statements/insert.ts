import { SqlError, type SqlValue } from '../../contracts.ts';
import type { Expression } from '../../tsql/ast/expression.ts';
import type { InsertStatement } from '../../tsql/ast/modification.ts';
import { compileExpression } from '../expression/compile.ts';
import type { Evaluate } from '../expression/compiled.ts';
import { PAUSE, Row } from '../expression/row.ts';
import { Scope } from '../expression/scope.ts';
import type { Interpreter } from '../interpreter/interpreter.ts';
import type { Outcome } from '../interpreter/signals.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { bindCommonTable } from '../query/common-table.ts';
import type { Dependency, Planner, TableUse } from '../query/planner.ts';
import { collect } from '../query/pace.ts';
import { planQuery } from '../query/query.ts';
import { topCount } from '../query/top.ts';
import { ForeignKeys } from '../write/foreign-keys.ts';
import { buildRow, DEFAULT_VALUE, insertPlan, type InsertPlan } from '../write/insert-rows.ts';
import { planOutput, type OutputPlan } from '../write/output-clause.ts';
import { resolveTarget, writerFor } from '../write/target.ts';
import { CapturingOutput } from '../session/output.ts';
import { executeExecute } from './execute.ts';
import { emitOutput } from './emit-output.ts';
import { cachedPlan } from './plan-cache.ts';

type SourceRow = readonly (SqlValue | typeof DEFAULT_VALUE)[];

interface PlannedInsert {
  readonly insert: InsertPlan;
  readonly output: OutputPlan | undefined;
  readonly uses: readonly TableUse[];
  readonly dependencies: readonly Dependency[];
  readonly rows: (run: StatementRun) => Iterable<SourceRow | typeof PAUSE>;
}

const NO_ROW = new Row([], null);

export async function executeInsert(
  interpreter: Interpreter,
  statement: InsertStatement,
  run: StatementRun,
): Promise<Outcome> {
  if (statement.source.kind === 'execute') return insertExecute(interpreter, statement, run);
  // IDENTITY_INSERT decides which columns a plan fills: no reuse while it is on.
  const planned =
    run.session.identityInsert === undefined
      ? cachedPlan(statement, run, () => planInsert(statement, run))
      : run.compile(() => planInsert(statement, run));
  await run.lockUses(planned.uses);
  const sources = await collect(planned.rows(run), run);
  return insertRows(planned.insert, planned.output, sources, run);
}

async function insertRows(
  plan: InsertPlan,
  output: OutputPlan | undefined,
  sources: readonly SourceRow[],
  run: StatementRun,
): Promise<Outcome> {
  const { target } = plan;
  const writer = await writerFor(target, run);
  const table = target.table(run);
  const foreignKeys = await ForeignKeys.open(target.database, table, run);
  const stored: (readonly SqlValue[])[] = [];
  for (const source of sources) stored.push(writer.insert(table, buildRow(plan, source, writer, run)).values);
  foreignKeys?.checkNew(stored, 'INSERT');
  run.session.affected = stored.length;
  const resultSet = await emitOutput(
    output,
    stored.map((inserted) => ({ inserted, deleted: undefined, source: undefined })),
    run,
  );
  run.session.affected = stored.length;
  return { done: { curCmd: 195, rowCount: stored.length, resultSet } };
}

function planInsert(statement: InsertStatement, run: StatementRun): PlannedInsert {
  const target = resolveTarget(statement.target, run, 'INSERT');
  const planner = run.planner().withCommonTables(statement.commonTables, bindCommonTable);
  const dependencies = planner.dependencies;
  if (target.dependency !== undefined) dependencies.push(target.dependency);
  const { source } = statement;
  let insert: InsertPlan;
  let rows: PlannedInsert['rows'];
  if (source.kind === 'defaults') {
    insert = insertPlan(target, [], [], run);
    rows = () => [[]];
  } else if (source.kind === 'query' && source.query.body.kind === 'values') {
    ({ insert, rows } = planInsertValues(target, statement, source.query.body.rows, planner, run));
  } else if (source.kind === 'query') {
    const plan = planQuery(source.query, planner, undefined);
    insert = insertPlan(target, statement.columns, plan.columns, run);
    rows = (at) => plan.rows(at, null);
  } else {
    throw new Error('INSERT … EXEC has no plan');
  }
  const limit = statement.top === undefined ? undefined : compileExpression(statement.top.count, new Scope(planner));
  const output =
    statement.output === undefined
      ? undefined
      : planOutput(statement.output, target.definition, { inserted: true, deleted: false }, [], planner, run);
  return {
    insert,
    output,
    uses: planner.uses,
    dependencies,
    rows: limit === undefined ? rows : (at) => take(rows(at), topCount(limit, at, null, false)),
  };
}

function* take<T>(rows: Iterable<T>, count: number): Iterable<T> {
  let taken = 0;
  for (const row of rows) {
    if (taken >= count) return;
    if (row !== PAUSE) taken += 1;
    yield row;
  }
}

/** Each value converts on its own to its column: VALUES (1), ('2') needs no common type here. */
function planInsertValues(
  target: InsertPlan['target'],
  statement: InsertStatement,
  rows: readonly (readonly Expression[])[],
  planner: Planner,
  run: StatementRun,
): { insert: InsertPlan; rows: PlannedInsert['rows'] } {
  const scope = new Scope(planner);
  const compiled = rows.map((row) =>
    row.map((value) => (value.kind === 'default' ? undefined : compileExpression(value, scope))),
  );
  const plans = compiled.map((row) =>
    insertPlan(
      target,
      statement.columns,
      row.map((value) => value ?? { type: { name: 'int' }, untyped: true }),
      run,
    ),
  );
  const first = plans[0] as InsertPlan;
  const evaluators = compiled.map((row, i) => {
    const columns = (plans[i] as InsertPlan).columns;
    return row.map((value, j): Evaluate | undefined => {
      if (value === undefined) return undefined;
      const convert = columns[j]?.convert;
      const { evaluate } = value;
      return convert === undefined ? evaluate : (at, inner) => convert(evaluate(at, inner), inner.convert);
    });
  });
  return {
    // The values come converted already.
    insert: { ...first, columns: first.columns.map(({ index }) => ({ index, convert: undefined })) },
    *rows(at) {
      for (const row of evaluators) {
        yield row.map((evaluate) => (evaluate === undefined ? DEFAULT_VALUE : evaluate(NO_ROW, at)));
      }
    },
  };
}

async function insertExecute(
  interpreter: Interpreter,
  statement: InsertStatement,
  run: StatementRun,
): Promise<Outcome> {
  if (statement.source.kind !== 'execute') throw new Error('not INSERT … EXEC');
  if (run.output instanceof CapturingOutput) {
    throw new SqlError({ number: 8164, class: 16, state: 1, text: 'An INSERT EXEC statement cannot be nested.' });
  }
  const target = run.compile(() => resolveTarget(statement.target, run, 'INSERT'));
  let plan: InsertPlan | undefined;
  const plans: { readonly plan: InsertPlan; readonly from: number }[] = [];
  const capture = new CapturingOutput(run.output, (columns) => {
    try {
      plan = insertPlan(target, statement.columns, columns, run);
    } catch (error) {
      if (!(error instanceof SqlError) || error.messages[0]?.number === 544) throw error;
      // INSERT … EXEC knows one message for every kind of mismatch.
      const names = error.messages[0]?.number;
      if (names !== 120 && names !== 121 && names !== 213) throw error;
      throw new SqlError({
        number: 213,
        class: 16,
        state: 7,
        text: 'Column name or number of supplied values does not match table definition.',
      });
    }
    plans.push({ plan, from: capture.rows.length });
  });
  await executeExecute(interpreter, statement.source.execute, run, capture);
  const writer = await writerFor(target, run);
  const table = target.table(run);
  const foreignKeys = await ForeignKeys.open(target.database, table, run);
  const stored: (readonly SqlValue[])[] = [];
  plans.forEach((set, i) => {
    const end = plans[i + 1]?.from ?? capture.rows.length;
    for (const source of capture.rows.slice(set.from, end)) {
      stored.push(writer.insert(table, buildRow(set.plan, source, writer, run)).values);
    }
  });
  foreignKeys?.checkNew(stored, 'INSERT');
  run.session.affected = stored.length;
  return { done: { curCmd: 195, rowCount: stored.length } };
}
