import { SqlError, type SqlValue, type StoredRow, type TableDefinition } from '../../contracts.ts';
import type { Assignment } from '../../tsql/ast/modification.ts';
import { compileArithmetic } from '../expression/arithmetic.ts';
import { compileExpression } from '../expression/compile.ts';
import type { Compiled } from '../expression/compiled.ts';
import type { Row } from '../expression/row.ts';
import type { Scope } from '../expression/scope.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import type { RowWriter } from '../session/temporary.ts';
import { assigner } from '../statements/assign.ts';
import { columnIndex } from './insert-rows.ts';
import { defaultOf, finishRow, shapeOf, storing } from './shape.ts';
import type { Target } from './target.ts';

export interface UpdatePlan {
  readonly target: Target;
  /** Columns that get new values. */
  readonly changed: readonly number[];
  /** The new row; variables of SET @v = … are assigned on the way. */
  newValues(stored: StoredRow, row: Row, run: StatementRun, verb: 'UPDATE' | 'MERGE'): SqlValue[];
}

interface Step {
  readonly index: number | undefined;
  /** undefined: DEFAULT. */
  readonly value: Compiled | undefined;
  readonly variable: string | undefined;
}

export function planAssignments(
  assignments: readonly Assignment[],
  target: Target,
  scope: Scope,
  targetIndex: number,
): UpdatePlan {
  const shape = shapeOf(target.definition);
  const steps = assignments.map((assignment) => planStep(assignment, target, scope, targetIndex));
  const changed = steps.flatMap((step) => (step.index === undefined ? [] : [step.index]));
  if (new Set(changed).size !== changed.length) {
    const twice = changed.find((index, i) => changed.indexOf(index) !== i) ?? 0;
    throw new SqlError({
      number: 264,
      class: 16,
      state: 1,
      text: `The column name '${target.definition.columns[twice]?.name ?? ''}' is specified more than once in the SET clause or column list of an INSERT. A column cannot be assigned more than one value in the same clause. Modify the clause to make sure that a column is updated only once. If this statement updates or inserts columns into a view, column aliasing can conceal the duplication in your code.`,
    });
  }
  return {
    target,
    changed,
    newValues: (stored, row, run, verb) => {
      const values = stored.values.slice();
      for (const step of steps) {
        const value = step.value === undefined ? defaultOf(shape, step.index ?? 0, run) : step.value.evaluate(row, run);
        if (step.index !== undefined) values[step.index] = value;
        if (step.variable !== undefined && step.value !== undefined) {
          assigner(step.variable, '=', step.value, run)(value);
        }
      }
      finishRow(shape, values, run, verb, target.databaseName);
      return values;
    },
  };
}

function planStep(assignment: Assignment, target: Target, scope: Scope, targetIndex: number): Step {
  const { column, variable, operator } = assignment;
  if (column === undefined) {
    const value = compileExpression(assignment.value, scope);
    if (operator === '=') return { index: undefined, value, variable };
    const current = compileExpression({ kind: 'variable', name: variable ?? '' }, scope);
    return { index: undefined, value: compileArithmetic(operator.charAt(0) as '+', current, value), variable };
  }
  const index = columnIndex(target, column);
  const definition = target.definition.columns[index] as TableDefinition['columns'][number];
  if (definition.identity !== undefined) {
    throw new SqlError({
      number: 8102,
      class: 16,
      state: 1,
      text: `Cannot update identity column '${definition.name}'.`,
    });
  }
  if (assignment.value.kind === 'default') return { index, value: undefined, variable };
  let value = compileExpression(assignment.value, scope);
  if (operator !== '=') {
    const current: Compiled = {
      type: definition.type,
      nullable: definition.nullable,
      evaluate: (row) => (row.parts[targetIndex] as readonly SqlValue[])[index] as SqlValue,
    };
    value = compileArithmetic(operator.charAt(0) as '+', current, value);
  }
  return { index, value: storing(value, definition, target.definition, target.databaseName), variable };
}

/**
 * Puts the new rows in place. When keys change in several rows at once, all old rows go first: UPDATE t SET id = id + 1
 * must not collide with itself.
 */
export function applyUpdates(
  plan: UpdatePlan,
  changes: readonly { readonly stored: StoredRow; readonly values: readonly SqlValue[] }[],
  writer: RowWriter,
  run: StatementRun,
): StoredRow[] {
  const table = plan.target.table(run);
  const { definition } = plan.target;
  const names = new Set(plan.changed.map((index) => definition.columns[index]?.name.toLowerCase()));
  const keysChange = definition.keys.some(
    (key) => key.kind !== 'index' && key.columns.some((column) => names.has(column.name.toLowerCase())),
  );
  if (!keysChange || changes.length === 1)
    return changes.map(({ stored, values }) => writer.update(table, stored, values));
  for (const { stored } of changes) writer.delete(table, stored);
  return changes.map(({ values }) => writer.insert(table, values));
}
