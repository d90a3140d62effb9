import { SqlError, type SqlType, type SqlValue } from '../../contracts.ts';
import { type CaseExpression, type Expression, type FunctionCall } from '../../tsql/ast/expression.ts';
import { unsupported } from '../../tsql/errors.ts';
import { converter } from '../types/convert.ts';
import { sqlError } from '../types/errors.ts';
import { commonType, INT } from '../types/sqltype.ts';
import { isAggregate } from './aggregate-names.ts';
import { compileArithmetic, compileComplement, compileNegate, convertTo } from './arithmetic.ts';
import type { Compiled, Run, Test } from './compiled.ts';
import { compileCall } from './functions.ts';
import { compileGlobal } from './globals.ts';
import { keyOf } from './key.ts';
import { compileComparison } from './predicate.ts';
import { type Row } from './row.ts';
import type { Scope } from './scope.ts';
import { compileZone } from './zone.ts';
import { compileCondition, compileScalarSubquery } from './condition.ts';
import { compileAggregate, compileWindow } from './aggregate.ts';

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
    number: number,
    class: 16,
    state: 1,
    text: `${subject} is invalid in the ${where} because it is not contained in either an aggregate function or the GROUP BY clause.`,
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

// ------------------------------------------------------------------------------------------------- conditions
