import { textOf } from '../types/convert-text.ts';
import type { SqlValue } from '../../contracts.ts';
import type { FunctionCall } from '../../tsql/ast/expression.ts';
import { compileExpression } from '../expression/compile.ts';
import { resultOfAggregate } from '../expression/aggregate.ts';
import type { Compiled, Run } from '../expression/compiled.ts';
import { PAUSE, Row, type Flow } from '../expression/row.ts';
import type { Grouping, Scope } from '../expression/scope.ts';
import { comparator, compositeKey, hasher, nullsFirst } from '../types/compare.ts';
import { sqlError } from '../types/errors.ts';
import { INT } from '../types/sqltype.ts';
import { makeAccumulator, type Accumulator, type AggregateSpecification } from './aggregate.ts';
import { sorted, type SortKey } from './query.ts';

interface CompiledAggregate {
  readonly specification: AggregateSpecification;
  readonly argument: Compiled | undefined;
  readonly separator: Compiled | undefined;
  /** WITHIN GROUP (ORDER BY …) */
  readonly order: readonly (SortKey & { readonly value: Compiled })[];
}

interface Group {
  readonly row: Row;
  readonly accumulators: readonly Accumulator[];
  readonly waiting: readonly { value: SqlValue; keys: readonly SqlValue[] }[][];
}

export function compileAggregateCall(call: FunctionCall, scope: Scope): CompiledAggregate {
  const name = (call.name[0] ?? '').toUpperCase();
  const [first, second] = call.args;
  if (name !== 'COUNT' && name !== 'COUNT_BIG' && call.star) throw sqlError(102, 15, 1, "Incorrect syntax near '*'.");
  if (!call.star && first === undefined) throw sqlError(174, 15, 1, `The ${name} function requires 1 argument(s).`);
  scope.insideAggregate = true;
  try {
    const argument = call.star || first === undefined ? undefined : compileExpression(first, scope);
    const result =
      argument === undefined
        ? name === 'COUNT_BIG'
          ? { name: 'bigint' as const }
          : INT
        : resultOfAggregate(name, argument);
    return {
      specification: { name, distinct: call.distinct, argument: argument?.type, result },
      argument,
      separator: second === undefined ? undefined : compileExpression(second, scope),
      order: (call.within ?? []).map(({ expression, descending }) => {
        const value = compileExpression(expression, scope);
        return { value, descending, compare: nullsFirst(comparator(value.type)) };
      }),
    };
  } finally {
    scope.insideAggregate = false;
  }
}

/** GROUP BY and aggregates; without GROUP BY there is one group even when no row comes. */
export function planGroups(
  groupBy: readonly Compiled[],
  grouping: Grouping,
  scope: Scope,
  single: boolean,
): (run: Run, rows: Flow<Row>, base: Row) => Flow<Row> {
  const aggregates = grouping.aggregates.map(({ call }) => compileAggregateCall(call, scope));
  const hashers = groupBy.map((expression) => hasher(expression.type));
  const part = scope.sources.length;
  const empty = scope.sources.map((source) => source.columns.map(() => null));

  const open = (row: Row, run: Run): Group => ({
    row,
    accumulators: aggregates.map(({ specification, separator }) =>
      makeAccumulator(
        specification,
        separator === undefined ? '' : textOf(separator.evaluate(row, run), separator.type),
      ),
    ),
    waiting: aggregates.map(() => []),
  });

  return function* (run, rows, base) {
    const groups = new Map<unknown, Group>();
    let ignoredNull = false;
    for (const row of rows) {
      if (row === PAUSE) {
        yield PAUSE;
        continue;
      }
      const key =
        groupBy.length === 0
          ? 0
          : compositeKey(
              hashers,
              groupBy.map((expression) => expression.evaluate(row, run)),
            );
      let group = groups.get(key);
      if (group === undefined) {
        group = open(row, run);
        groups.set(key, group);
      }
      for (let i = 0; i < aggregates.length; i += 1) {
        const aggregate = aggregates[i] as CompiledAggregate;
        const accumulator = group.accumulators[i] as Accumulator;
        if (aggregate.argument === undefined) {
          accumulator.add(1);
          continue;
        }
        const value = aggregate.argument.evaluate(row, run);
        if (value === null) {
          ignoredNull = true;
        } else if (aggregate.order.length === 0) {
          accumulator.add(value);
        } else {
          group.waiting[i]?.push({ value, keys: aggregate.order.map((item) => item.value.evaluate(row, run)) });
        }
      }
    }
    if (ignoredNull) {
      run.warn({
        number: 8153,
        class: 10,
        state: 1,
        text: 'Warning: Null value is eliminated by an aggregate or other SET operation.',
      });
    }
    if (groups.size === 0 && single) groups.set(0, open(new Row(empty, base.outer), run));
    for (const group of groups.values()) yield close(group, aggregates, part);
  };
}

function close(group: Group, aggregates: readonly CompiledAggregate[], part: number): Row {
  const results = group.accumulators.map((accumulator, i) => {
    const { order } = aggregates[i] as CompiledAggregate;
    for (const { value } of sorted(group.waiting[i] ?? [], order)) accumulator.add(value);
    return accumulator.result();
  });
  const parts = group.row.parts.slice();
  parts[part] = results;
  return new Row(parts, group.row.outer);
}
