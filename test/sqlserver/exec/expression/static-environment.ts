import { SqlError } from '../../contracts.ts';
import { parse } from '../../tsql/parse.ts';
import type { Expression } from '../../tsql/ast/expression.ts';
import { findSystemFunction } from '../session/registry.ts';
import type { CompileEnvironment } from './environment.ts';

/** For expressions that tables keep as text: defaults, checks, computed columns. No variables, no subqueries. */
export const STATIC_ENVIRONMENT: CompileEnvironment = {
  variableType: () => undefined,
  planSubquery: () => {
    throw new SqlError({
      number: 1046,
      class: 15,
      state: 1,
      text: 'Subqueries are not allowed in this context. Only scalar expressions are allowed.',
    });
  },
  systemFunction: (parts) => findSystemFunction(parts, 'master'),
};

export function parseScalarText(text: string): Expression {
  const [statement] = parse(`SELECT ${text}`).statements;
  const body = statement?.kind === 'select' ? statement.query.body : undefined;
  const item = body?.kind === 'select' ? body.items[0] : undefined;
  if (item?.kind !== 'expression') throw new Error(`not an expression: ${text}`);
  return item.expression;
}

export function parseConditionText(text: string): Expression {
  const [statement] = parse(`SELECT 1 WHERE ${text}`).statements;
  const body = statement?.kind === 'select' ? statement.query.body : undefined;
  if (body?.kind !== 'select' || body.where === undefined) throw new Error(`not a condition: ${text}`);
  return body.where;
}
