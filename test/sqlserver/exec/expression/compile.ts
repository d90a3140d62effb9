import { SqlError, type SqlType, type SqlValue } from '../../contracts.ts';
import { isPredicate, type CaseExpression, type Expression, type FunctionCall } from '../../tsql/ast/expression.ts';
import { unsupported } from '../../tsql/errors.ts';
import { comparator, hasher, type Hasher } from '../types/compare.ts';
import { converter } from '../types/convert.ts';
import { sqlError } from '../types/errors.ts';
import { commonType, INT, isString, typeName } from '../types/sqltype.ts';
import { isAggregate } from './aggregate-names.ts';
import { compileArithmetic, compileComplement, compileNegate, convertTo } from './arithmetic.ts';
import type { Compiled, Run, Test } from './compiled.ts';
import type { QueryPlan } from './environment.ts';
import { compileCall } from './functions.ts';
import { compileGlobal } from './globals.ts';
import { keyOf } from './key.ts';
import { compileLike } from './like.ts';
import { and, checkOf, compileComparison, compileDistinct, compileIn, not, or, unify } from './predicate.ts';
import { withoutPauses, type Row } from './row.ts';
import type { Scope } from './scope.ts';
import { compileZone } from './zone.ts';

const NULL: Compiled = { type: INT, nullable: true, untyped: true, constant: { value: null }, evaluate: () => null };

export function compileExpression(expression: Expression, scope: Scope): Compiled {
  const grouping = scope.grouping;
  if (grouping !== undefined && !scope.insideAggregate && grouping.keys.size > 0 && expression.kind !== 'literal') {
    if (grouping.keys.has(keyOf(expression, scope))) {
      scope.grouping = undefined;
      try {
        return compileExpression(expression, scope);
      } finally {
        scope.grouping = grouping;
      }
    }
  }
  switch (expression.kind) {
    case 'literal': {
      const { value } = expression;
      return { type: expression.type, nullable: value === null, constant: { value }, evaluate: () => value };
    }
    case 'null':
      return NULL;
    case 'default':
      throw new SqlError({ number: 156, class: 15, state: 1, text: "Incorrect syntax near the keyword 'DEFAULT'." });
    case 'column':
      return compileColumn(expression.parts, expression.line, scope);
    case 'variable':
      return compileVariable(expression.name, scope);
    case 'global':
      return compileGlobal(expression.name, expression.line, scope);
    case 'negate':
      return compileNegate(compileExpression(expression.operand, scope));
    case 'plus':
      return compileExpression(expression.operand, scope);
    case 'complement':
      return compileComplement(compileExpression(expression.operand, scope));
    case 'arithmetic':
      return compileArithmetic(
        expression.operator,
        compileExpression(expression.left, scope),
        compileExpression(expression.right, scope),
      );
    case 'call':
      return compileFunction(expression, scope);
    case 'case':
      return compileCase(expression, scope);
    case 'cast':
      return compileCast(expression, scope);
    case 'collate':
      return compileCollate(expression, scope);
    case 'zone':
      return compileZone(compileExpression(expression.operand, scope), compileExpression(expression.zone, scope));
    case 'subquery':
      return compileScalarSubquery(expression, scope);
    default: {
      // The parser lets predicates only where conditions stand.
      throw sqlError(
        4145,
        15,
        1,
        'An expression of non-boolean type specified in a context where a condition is expected.',
      );
    }
  }
}

function compileColumn(parts: readonly string[], line: number, scope: Scope): Compiled {
  const { depth, source, index, column, scope: owner } = scope.resolve(parts, line);
  if (owner.grouping !== undefined && !owner.insideAggregate && !owner.grouping.keys.has(`"#0.${source}.${index}"`)) {
    throw ungrouped(owner, source, column.name, line);
  }
  const described = {
    type: column.type,
    nullable: column.nullable,
    column: {
      name: column.name,
      flags: column.flags ?? (column.nullable ? 33 : 32),
      identity: column.identity ?? false,
    },
  };
  if (depth === 0) {
    return { ...described, evaluate: (row) => (row.parts[source] as readonly SqlValue[])[index] as SqlValue };
  }
  if (depth === 1) {
    return {
      ...described,
      evaluate: (row) => ((row.outer as Row).parts[source] as readonly SqlValue[])[index] as SqlValue,
    };
  }
  return {
    ...described,
    evaluate: (row) => {
      let at = row;
      for (let i = 0; i < depth; i += 1) at = at.outer as Row;
      return (at.parts[source] as readonly SqlValue[])[index] as SqlValue;
    },
  };
}

function ungrouped(scope: Scope, source: number, column: string, line: number): SqlError {
  const alias = scope.sources[source]?.alias ?? '';
  const name = alias === '' ? column : `${alias}.${column}`;
  const [number, where] =
    scope.clause === 'having'
      ? [8121, 'HAVING clause']
      : scope.clause === 'order'
        ? [8127, 'ORDER BY clause']
        : [8120, 'select list'];
  const subject = number === 8127 ? `Column "${name}"` : `Column '${name}'`;
  return new SqlError({
    number: number as number,
    class: 16,
    state: 1,
    text: `${subject} is invalid in the ${where as string} because it is not contained in either an aggregate function or the GROUP BY clause.`,
    line,
  });
}

function compileVariable(name: string, scope: Scope): Compiled {
  const key = name.toLowerCase();
  const type = scope.env.variableType(key);
  if (type === undefined) throw sqlError(137, 15, 2, `Must declare the scalar variable "${name}".`);
  return { type, nullable: true, evaluate: (_, run) => run.frame.variables.get(key)?.value ?? null };
}

function compileFunction(call: FunctionCall, scope: Scope): Compiled {
  const name = call.name.length === 1 ? (call.name[0] as string).toUpperCase() : '';
  if (call.over !== undefined) return compileWindow(call, scope);
  if (isAggregate(name)) return compileAggregate(call, name, scope);
  return compileCall(call, scope);
}

function compileAggregate(call: FunctionCall, name: string, scope: Scope): Compiled {
  const grouping = scope.grouping;
  if (scope.insideAggregate) {
    throw sqlError(
      130,
      15,
      1,
      'Cannot perform an aggregate function on an expression containing an aggregate or a subquery.',
    );
  }
  if (grouping === undefined) {
    throw sqlError(
      147,
      15,
      1,
      'An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a HAVING clause or a select list, and the column being aggregated is an outer reference.',
    );
  }
  const key = keyOf(call, scope);
  let slot = grouping.aggregates.find((other) => other.key === key);
  if (slot === undefined) {
    slot = { call, key, index: grouping.aggregates.length };
    grouping.aggregates.push(slot);
  }
  const { index } = slot;
  const part = scope.sources.length;
  const type = aggregateType(call, name, scope);
  return {
    type,
    nullable: name !== 'COUNT' && name !== 'COUNT_BIG',
    column: { name: '', flags: 1, identity: false },
    evaluate: (row) => (row.parts[part] as readonly SqlValue[])[index] as SqlValue,
  };
}

function aggregateType(call: FunctionCall, name: string, scope: Scope): SqlType {
  const [argument] = call.args;
  if (argument === undefined) return name === 'COUNT_BIG' ? { name: 'bigint' } : INT;
  scope.insideAggregate = true;
  try {
    return resultOfAggregate(name, compileExpression(argument, scope));
  } finally {
    scope.insideAggregate = false;
  }
}

/** Result type of an aggregate ("SUM", "AVG", … (Transact-SQL)). */
export function resultOfAggregate(name: string, argument: Compiled): SqlType {
  const { type } = argument;
  switch (name) {
    case 'COUNT':
    case 'CHECKSUM_AGG':
      return INT;
    case 'COUNT_BIG':
      return { name: 'bigint' };
    case 'STRING_AGG':
      if (!isString(type)) return { name: 'nvarchar', length: 4000 };
      return type.length === -1
        ? { name: type.name, length: -1 }
        : type.name.startsWith('n')
          ? { name: 'nvarchar', length: 4000 }
          : { name: 'varchar', length: 8000 };
    case 'SUM':
    case 'AVG':
      switch (type.name) {
        case 'tinyint':
        case 'smallint':
        case 'int':
          return INT;
        case 'decimal':
        case 'numeric':
          return {
            name: type.name,
            precision: 38,
            scale: name === 'SUM' ? (type.scale ?? 0) : Math.max(6, type.scale ?? 0),
          };
        case 'smallmoney':
          return { name: 'money' };
        case 'real':
          return { name: 'float' };
        case 'bigint':
        case 'money':
        case 'float':
          return type;
        default:
          throw sqlError(
            8117,
            16,
            1,
            `Operand data type ${typeName(type)} is invalid for ${name.toLowerCase()} operator.`,
          );
      }
    case 'STDEV':
    case 'STDEVP':
    case 'VAR':
    case 'VARP':
      return { name: 'float' };
    default:
      if (type.name === 'bit' || type.name === 'text' || type.name === 'ntext' || type.name === 'image') {
        throw sqlError(
          8117,
          16,
          1,
          `Operand data type ${typeName(type)} is invalid for ${name.toLowerCase()} operator.`,
        );
      }
      return type;
  }
}

const RANKING = new Set(['ROW_NUMBER', 'RANK', 'DENSE_RANK', 'NTILE']);
const OFFSET = new Set(['LAG', 'LEAD', 'FIRST_VALUE', 'LAST_VALUE']);

function compileWindow(call: FunctionCall, scope: Scope): Compiled {
  const name = (call.name[0] ?? '').toUpperCase();
  const windows = scope.windows;
  if (windows === undefined) {
    throw sqlError(4108, 15, 1, 'Windowed functions can only appear in the SELECT or ORDER BY clauses.');
  }
  if (!RANKING.has(name) && !OFFSET.has(name) && !isAggregate(name)) throw unsupported(`${name} … OVER`, call.line);
  if ((RANKING.has(name) || OFFSET.has(name)) && call.over?.orderBy.length === 0) {
    throw new SqlError({
      number: 4112,
      class: 15,
      state: 1,
      text: `The function '${name}' must have an OVER clause with ORDER BY.`,
      line: call.line,
    });
  }
  const key = keyOf(call, scope);
  let slot = windows.find((other) => other.key === key);
  if (slot === undefined) {
    slot = { call, key, index: windows.length };
    windows.push(slot);
  }
  const { index } = slot;
  const part = scope.sources.length + 1;
  const [argument] = call.args;
  let type: SqlType = { name: 'bigint' };
  if (argument !== undefined && name !== 'NTILE') {
    const compiled = compileExpression(argument, scope);
    type = OFFSET.has(name) ? compiled.type : resultOfAggregate(name, compiled);
  } else if (name === 'COUNT') {
    type = INT;
  }
  return {
    type,
    nullable: !RANKING.has(name),
    evaluate: (row) => (row.parts[part] as readonly SqlValue[])[index] as SqlValue,
  };
}

function compileCase(expression: CaseExpression, scope: Scope): Compiled {
  const operand = expression.operand === undefined ? undefined : compileExpression(expression.operand, scope);
  const tests = expression.branches.map(({ when }) =>
    operand === undefined
      ? compileCondition(when, scope)
      : compileComparison('=', operand, compileExpression(when, scope)),
  );
  const results = expression.branches.map(({ then }) => compileExpression(then, scope));
  const otherwise = expression.otherwise === undefined ? NULL : compileExpression(expression.otherwise, scope);
  const type = commonOf([...results, otherwise]);
  if (results.every((result) => result.untyped === true) && otherwise.untyped === true) {
    throw sqlError(
      8133,
      16,
      1,
      'At least one of the result expressions in a CASE specification must be an expression other than the NULL constant.',
    );
  }
  const values = results.map((result) => convertTo(result, type).evaluate);
  const last = convertTo(otherwise, type).evaluate;
  return {
    type,
    nullable: otherwise.nullable || results.some((result) => result.nullable),
    evaluate: (row, run) => {
      for (let i = 0; i < tests.length; i += 1) {
        if ((tests[i] as Test)(row, run) === true) return (values[i] as Compiled['evaluate'])(row, run);
      }
      return last(row, run);
    },
  };
}

/** The type several alternatives share: CASE, COALESCE, UNION, VALUES. */
export function commonOf(expressions: readonly Compiled[]): SqlType {
  let type: SqlType | undefined;
  for (const expression of expressions) {
    if (expression.untyped === true) continue;
    type = type === undefined ? expression.type : commonType(type, expression.type);
  }
  return type ?? INT;
}

function compileCast(expression: Extract<Expression, { kind: 'cast' }>, scope: Scope): Compiled {
  const operand = compileExpression(expression.operand, scope);
  const { type, attempt } = expression;
  if (operand.untyped === true) return { type, nullable: true, evaluate: () => null };
  const style = expression.style === undefined ? undefined : compileExpression(expression.style, scope);
  const fixed = style === undefined ? undefined : style.constant?.value;
  const ready =
    style === undefined || typeof fixed === 'number'
      ? converter(operand.type, type, { explicit: true, ...(typeof fixed === 'number' ? { style: fixed } : {}) })
      : undefined;
  const { evaluate } = operand;
  const convert = (row: Row, run: Run): SqlValue => {
    const value = evaluate(row, run);
    if (ready !== undefined) return ready(value, run.convert);
    const chosen = style?.evaluate(row, run);
    if (chosen === null) return null;
    return converter(operand.type, type, { explicit: true, style: Number(chosen) })(value, run.convert);
  };
  if (!attempt) return { type, nullable: true, evaluate: convert };
  return {
    type,
    nullable: true,
    evaluate: (row, run) => {
      try {
        return convert(row, run);
      } catch (error) {
        if (error instanceof SqlError) return null;
        throw error;
      }
    },
  };
}

function compileCollate(expression: Extract<Expression, { kind: 'collate' }>, scope: Scope): Compiled {
  const operand = compileExpression(expression.operand, scope);
  const collation = expression.collation.toUpperCase();
  if (collation !== 'DATABASE_DEFAULT' && collation !== 'CATALOG_DEFAULT' && !/_CI_AS(_|$)/.test(collation)) {
    if (!/^(SQL_)?[A-Z0-9]+_.*(BIN2?|C[IS]_A[IS])/.test(collation)) {
      throw sqlError(448, 16, 1, `Invalid collation '${expression.collation}'.`);
    }
    throw unsupported(`COLLATE ${expression.collation}`);
  }
  return operand;
}

function compileScalarSubquery(expression: Extract<Expression, { kind: 'subquery' }>, scope: Scope): Compiled {
  const plan = planOneColumn(expression.query, scope);
  const [column] = plan.columns;
  const once = (row: Row | null, run: Run): SqlValue => {
    let found: SqlValue = null;
    let count = 0;
    for (const values of withoutPauses(plan.rows(run, row))) {
      if (++count > 1) {
        throw new SqlError({
          number: 512,
          class: 16,
          state: 1,
          text: 'Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.',
        });
      }
      found = values[0] as SqlValue;
    }
    return found;
  };
  return {
    type: column?.type ?? INT,
    nullable: true,
    evaluate: (row, run) => (plan.correlated ? once(row, run) : cached(run, plan, () => once(row, run))),
  };
}

function planOneColumn(query: Extract<Expression, { kind: 'subquery' }>['query'], scope: Scope): QueryPlan {
  const plan = scope.env.planSubquery(query, scope);
  if (plan.columns.length !== 1) {
    throw sqlError(
      116,
      16,
      1,
      'Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.',
    );
  }
  return plan;
}

function cached<T>(run: Run, key: object, make: () => T): T {
  if (run.cache.has(key)) return run.cache.get(key) as T;
  const value = make();
  run.cache.set(key, value);
  return value;
}

// ------------------------------------------------------------------------------------------------- conditions

export function compileCondition(expression: Expression, scope: Scope): Test {
  if (!isPredicate(expression)) {
    throw sqlError(
      4145,
      15,
      1,
      'An expression of non-boolean type specified in a context where a condition is expected.',
    );
  }
  const scalar = (operand: Expression): Compiled => compileExpression(operand, scope);
  switch (expression.kind) {
    case 'and':
      return and(compileCondition(expression.left, scope), compileCondition(expression.right, scope));
    case 'or':
      return or(compileCondition(expression.left, scope), compileCondition(expression.right, scope));
    case 'not':
      return not(compileCondition(expression.operand, scope));
    case 'compare':
      return compileComparison(expression.operator, scalar(expression.left), scalar(expression.right));
    case 'isnull': {
      const { evaluate } = scalar(expression.operand);
      const { negated } = expression;
      return (row, run) => (evaluate(row, run) === null) !== negated;
    }
    case 'distinct':
      return compileDistinct(scalar(expression.left), scalar(expression.right), expression.negated);
    case 'between': {
      const operand = scalar(expression.operand);
      const test = and(
        compileComparison('>=', operand, scalar(expression.low)),
        compileComparison('<=', operand, scalar(expression.high)),
      );
      return expression.negated ? not(test) : test;
    }
    case 'in':
      return compileIn(scalar(expression.operand), expression.list.map(scalar), expression.negated);
    case 'like': {
      const test = compileLike(
        scalar(expression.operand),
        scalar(expression.pattern),
        expression.escape === undefined ? undefined : scalar(expression.escape),
      );
      return expression.negated ? not(test) : test;
    }
    case 'exists':
      return compileExists(expression, scope);
    case 'inquery':
      return compileInQuery(expression, scope);
    case 'quantified':
      return compileQuantified(expression, scope);
  }
}

function compileExists(expression: Extract<Expression, { kind: 'exists' }>, scope: Scope): Test {
  const plan = scope.env.planSubquery(expression.query, scope);
  const any = (row: Row, run: Run): boolean => {
    for (const _ of withoutPauses(plan.rows(run, row))) return true;
    return false;
  };
  return (row, run) => (plan.correlated ? any(row, run) : cached(run, plan, () => any(row, run)));
}

function compileInQuery(expression: Extract<Expression, { kind: 'inquery' }>, scope: Scope): Test {
  const operand = compileExpression(expression.operand, scope);
  const plan = planOneColumn(expression.query, scope);
  const column = plan.columns[0] as QueryPlan['columns'][number];
  // The subquery's value travels through a cell so that both sides convert as in a comparison.
  let current: SqlValue = null;
  const item: Compiled = { type: column.type, nullable: true, evaluate: () => current };
  const { type, left, right } = unify(operand, item);
  const hash = hasher(type);
  const collect = (row: Row, run: Run): { keys: Set<ReturnType<Hasher>>; hasNull: boolean } => {
    const keys = new Set<ReturnType<Hasher>>();
    let hasNull = false;
    for (const values of withoutPauses(plan.rows(run, row))) {
      current = values[0] as SqlValue;
      const value = right.evaluate(row, run);
      if (value === null) hasNull = true;
      else keys.add(hash(value));
    }
    return { keys, hasNull };
  };
  const test: Test = (row, run) => {
    const set = plan.correlated ? collect(row, run) : cached(run, plan, () => collect(row, run));
    if (set.keys.size === 0 && !set.hasNull) return false;
    const value = left.evaluate(row, run);
    if (value === null) return null;
    return set.keys.has(hash(value)) ? true : set.hasNull ? null : false;
  };
  return expression.negated ? not(test) : test;
}

function compileQuantified(expression: Extract<Expression, { kind: 'quantified' }>, scope: Scope): Test {
  const operand = compileExpression(expression.left, scope);
  const plan = planOneColumn(expression.query, scope);
  const column = plan.columns[0] as QueryPlan['columns'][number];
  let current: SqlValue = null;
  const item: Compiled = { type: column.type, nullable: true, evaluate: () => current };
  const { type, left, right } = unify(operand, item);
  const compare = comparator(type);
  const check = checkOf(expression.operator);
  const all = expression.quantifier === 'ALL';
  return (row, run) => {
    const value = left.evaluate(row, run);
    let unknown = false;
    for (const values of withoutPauses(plan.rows(run, row))) {
      current = values[0] as SqlValue;
      const other = right.evaluate(row, run);
      if (value === null || other === null) {
        unknown = true;
        continue;
      }
      if (check(compare(value, other)) !== all) return !all;
    }
    return unknown ? null : all;
  };
}
