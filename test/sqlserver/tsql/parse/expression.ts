import type { Expression, FunctionCall } from '../ast/expression.ts';
import { unsupported } from '../errors.ts';
import type { Token } from '../token.ts';
import { toLiteral } from './literal.ts';
import type { Parser } from './parser.ts';
import { parseQuery } from './query.ts';
import { parseType } from './type.ts';
import { parseCondition } from './condition.ts';
import { parseCall } from './call.ts';

/** Reserved words that are functions when a parenthesis follows. */
const KEYWORD_FUNCTIONS = new Set(['LEFT', 'RIGHT', 'COALESCE', 'NULLIF', 'CONVERT', 'TRY_CONVERT', 'IDENTITY']);

const NILADIC = new Set(['CURRENT_TIMESTAMP', 'CURRENT_USER', 'SESSION_USER', 'SYSTEM_USER', 'USER', 'CURRENT_DATE']);

const UNSUPPORTED_FUNCTIONS = new Set([
  'CONTAINS',
  'FREETEXT',
  'OPENXML',
  'OPENQUERY',
  'OPENROWSET',
  'OPENDATASOURCE',
  'CONTAINSTABLE',
  'FREETEXTTABLE',
]);

/** A scalar expression: no comparisons outside of parentheses that belong to a subquery, CASE or IIF. */
export function parseExpression(p: Parser): Expression {
  let left = parseTerm(p);
  for (;;) {
    const operator = p.token.text;
    if (!p.isOperator('+', '-', '&', '|', '^')) return left;
    p.next();
    left = { kind: 'arithmetic', operator: operator as '+', left, right: parseTerm(p) };
  }
}

function parseTerm(p: Parser): Expression {
  let left = parseUnary(p);
  for (;;) {
    const operator = p.token.text;
    if (!p.isOperator('*', '/', '%')) return left;
    p.next();
    left = { kind: 'arithmetic', operator: operator as '*', left, right: parseUnary(p) };
  }
}

function parseUnary(p: Parser): Expression {
  if (p.acceptOperator('-')) {
    const operand = parseUnary(p);
    if (operand.kind === 'literal') {
      const value = operand.value;
      if (typeof value === 'number' && value !== 0) return { ...operand, value: -value };
      if (value !== null && typeof value === 'object' && 'unscaled' in value) {
        return { ...operand, value: { unscaled: -value.unscaled, scale: value.scale } };
      }
    }
    return { kind: 'negate', operand };
  }
  if (p.acceptOperator('+')) return { kind: 'plus', operand: parseUnary(p) };
  if (p.acceptOperator('~')) return { kind: 'complement', operand: parseUnary(p) };
  return parsePostfix(p, parsePrimary(p));
}

function parsePostfix(p: Parser, operand: Expression): Expression {
  let result = operand;
  for (;;) {
    if (p.accept('COLLATE')) {
      result = { kind: 'collate', operand: result, collation: p.next().value };
    } else if (p.isSequence('AT', 'TIME', 'ZONE')) {
      p.acceptSequence('AT', 'TIME', 'ZONE');
      result = { kind: 'zone', operand: result, zone: parseUnary(p) };
    } else {
      return result;
    }
  }
}

function parsePrimary(p: Parser): Expression {
  const token = p.token;
  switch (token.kind) {
    case 'string':
    case 'number':
    case 'hex':
    case 'money':
      p.next();
      return toLiteral(token);
    case 'variable':
      p.next();
      if (token.value.startsWith('@@')) return { kind: 'global', name: token.value.toUpperCase(), line: token.line };
      return { kind: 'variable', name: p.useScalar(token) };
    case 'operator':
      if (token.text === '(') return parseParenthesis(p);
      throw p.fail();
    case 'end':
      throw p.fail();
    default:
      return parseWord(p, token);
  }
}

function parseParenthesis(p: Parser): Expression {
  const open = p.expectOperator('(');
  let depth = 0;
  while (p.peek(depth).text === '(' && p.peek(depth).kind === 'operator') depth += 1;
  const first = p.peek(depth).keyword;
  if (first === 'SELECT' || (first === 'WITH' && depth === 0)) {
    if (depth === 0) {
      const query = parseQuery(p);
      p.expectOperator(')');
      return { kind: 'subquery', query, line: open.line };
    }
    return p.either(
      () => {
        const query = parseQuery(p);
        p.expectOperator(')');
        return { kind: 'subquery', query, line: open.line };
      },
      () => {
        const inner = parseExpression(p);
        p.expectOperator(')');
        return inner;
      },
    );
  }
  const inner = parseExpression(p);
  p.expectOperator(')');
  return inner;
}

function parseWord(p: Parser, token: Token): Expression {
  const called = p.peek().kind === 'operator' && p.peek().text === '(';
  switch (token.keyword) {
    case 'NULL':
      p.next();
      return { kind: 'null' };
    case 'DEFAULT':
      p.next();
      return { kind: 'default' };
    case 'CASE':
      return parseCase(p);
    case 'CAST':
    case 'TRY_CAST':
      if (called) return parseCast(p);
      break;
    case 'CONVERT':
    case 'TRY_CONVERT':
      return parseConvert(p);
    case 'IIF':
      if (called) return parseIif(p);
      break;
    case 'PARSE':
    case 'TRY_PARSE':
      if (called) throw unsupported(token.keyword, token.line);
      break;
    case 'NEXT':
      if (p.peek().keyword === 'VALUE') throw unsupported('NEXT VALUE FOR', token.line);
      break;
    default:
      break;
  }
  if (NILADIC.has(token.keyword)) {
    p.next();
    return call([token.keyword], [], token.line);
  }
  if (UNSUPPORTED_FUNCTIONS.has(token.keyword)) throw unsupported(token.keyword, token.line);
  if (KEYWORD_FUNCTIONS.has(token.keyword) && called) {
    p.next();
    return parseCall(p, [token.keyword], token.line);
  }
  if (token.keyword === '$ACTION' || token.keyword === '$IDENTITY' || token.keyword === '$ROWGUID') {
    p.next();
    return { kind: 'column', parts: [token.value], line: token.line };
  }
  const parts = p.nameParts();
  if (p.isOperator('(')) return parseCall(p, parts, token.line);
  if (p.isOperator('::')) throw unsupported(`${parts.join('.')}::`, token.line);
  return { kind: 'column', parts, line: token.line };
}

function call(name: readonly string[], args: readonly Expression[], line: number): FunctionCall {
  return { kind: 'call', name, args, star: false, distinct: false, line };
}

function parseCase(p: Parser): Expression {
  p.expect('CASE');
  const operand = p.is('WHEN') ? undefined : parseExpression(p);
  const branches: { when: Expression; then: Expression }[] = [];
  while (p.accept('WHEN')) {
    const when = operand === undefined ? parseCondition(p) : parseExpression(p);
    p.expect('THEN');
    branches.push({ when, then: parseExpression(p) });
  }
  if (branches.length === 0) throw p.fail();
  const otherwise = p.accept('ELSE') ? parseExpression(p) : undefined;
  p.expect('END');
  return {
    kind: 'case',
    branches,
    ...(operand === undefined ? {} : { operand }),
    ...(otherwise === undefined ? {} : { otherwise }),
  };
}

function parseIif(p: Parser): Expression {
  p.next();
  p.expectOperator('(');
  const when = parseCondition(p);
  p.expectOperator(',');
  const then = parseExpression(p);
  p.expectOperator(',');
  const otherwise = parseExpression(p);
  p.expectOperator(')');
  return { kind: 'case', branches: [{ when, then }], otherwise };
}

function parseCast(p: Parser): Expression {
  const attempt = p.next().keyword === 'TRY_CAST';
  p.expectOperator('(');
  const operand = parseExpression(p);
  p.expect('AS');
  const type = parseType(p, 30);
  p.expectOperator(')');
  return { kind: 'cast', operand, type, attempt, function: 'CAST' };
}

function parseConvert(p: Parser): Expression {
  const attempt = p.next().keyword === 'TRY_CONVERT';
  p.expectOperator('(');
  const type = parseType(p, 30);
  p.expectOperator(',');
  const operand = parseExpression(p);
  const style = p.acceptOperator(',') ? parseExpression(p) : undefined;
  p.expectOperator(')');
  return { kind: 'cast', operand, type, attempt, function: 'CONVERT', ...(style === undefined ? {} : { style }) };
}

// ------------------------------------------------------------------------------------------------- predicates
