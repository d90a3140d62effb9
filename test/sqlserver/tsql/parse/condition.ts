import type { ComparisonOperator, Expression } from '../ast/expression.ts';
import { syntaxError, unsupported } from '../errors.ts';
import { parseExpression } from './expression.ts';
import type { Parser } from './parser.ts';
import { parseQuery } from './query.ts';

/** A search condition; a scalar here is error 4145. */
export function parseCondition(p: Parser): Expression {
  let left = parseConjunction(p);
  while (p.accept('OR')) left = { kind: 'or', left, right: parseConjunction(p) };
  return left;
}

function parseConjunction(p: Parser): Expression {
  let left = parseNegation(p);
  while (p.accept('AND')) left = { kind: 'and', left, right: parseNegation(p) };
  return left;
}

function parseNegation(p: Parser): Expression {
  if (p.accept('NOT')) return { kind: 'not', operand: parseNegation(p) };
  return parsePredicate(p);
}

function parsePredicate(p: Parser): Expression {
  if (p.is('EXISTS') && p.peek().text === '(') {
    p.next();
    p.expectOperator('(');
    const query = parseQuery(p);
    p.expectOperator(')');
    return { kind: 'exists', query };
  }
  if (p.is('UPDATE') && p.peek().text === '(') throw unsupported('UPDATE()', p.token.line);
  if (!p.isOperator('(')) return parseComparison(p);
  return p.either(
    () => parseComparison(p),
    () => {
      p.expectOperator('(');
      const inner = parseCondition(p);
      p.expectOperator(')');
      return inner;
    },
  );
}

const COMPARISONS: Readonly<Record<string, ComparisonOperator>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '!>': '<=',
  '>': '>',
  '>=': '>=',
  '!<': '>=',
};

function parseComparison(p: Parser): Expression {
  const left = parseExpression(p);
  const operator = p.token.kind === 'operator' ? COMPARISONS[p.token.text] : undefined;
  if (operator !== undefined) {
    p.next();
    if (p.is('ANY', 'SOME', 'ALL') && p.peek().text === '(') {
      const quantifier = p.next().keyword === 'ALL' ? 'ALL' : 'ANY';
      p.expectOperator('(');
      const query = parseQuery(p);
      p.expectOperator(')');
      return { kind: 'quantified', operator, quantifier, left, query };
    }
    return { kind: 'compare', operator, left, right: parseExpression(p) };
  }
  if (p.accept('IS')) {
    const negated = p.accept('NOT');
    if (p.accept('DISTINCT')) {
      p.expect('FROM');
      return { kind: 'distinct', left, right: parseExpression(p), negated };
    }
    p.expect('NULL');
    return { kind: 'isnull', operand: left, negated };
  }
  const negated = p.is('NOT') && (p.next(), true);
  if (p.accept('BETWEEN')) {
    const low = parseExpression(p);
    p.expect('AND');
    return { kind: 'between', operand: left, low, high: parseExpression(p), negated };
  }
  if (p.accept('LIKE')) {
    const pattern = parseExpression(p);
    const escape = p.accept('ESCAPE') ? parseExpression(p) : undefined;
    return { kind: 'like', operand: left, pattern, negated, ...(escape === undefined ? {} : { escape }) };
  }
  if (p.accept('IN')) return parseIn(p, left, negated);
  if (negated) throw p.fail();
  const near = p.token.kind === 'end' ? p.previous() : p.token;
  throw syntaxError(
    4145,
    `An expression of non-boolean type specified in a context where a condition is expected, near '${near.kind === 'string' || near.kind === 'quoted' ? near.value : near.text}'.`,
    near.line,
  );
}

function parseIn(p: Parser, operand: Expression, negated: boolean): Expression {
  p.expectOperator('(');
  if (p.is('SELECT', 'WITH')) {
    const query = parseQuery(p);
    p.expectOperator(')');
    return { kind: 'inquery', operand, query, negated };
  }
  const list: Expression[] = [];
  do list.push(parseExpression(p));
  while (p.acceptOperator(','));
  p.expectOperator(')');
  const only = list[0];
  if (list.length === 1 && only?.kind === 'subquery') return { kind: 'inquery', operand, query: only.query, negated };
  return { kind: 'in', operand, list, negated };
}
