import type {
  ComparisonOperator,
  Expression,
  FrameBound,
  FunctionCall,
  WindowFrame,
  WindowSpecification,
} from '../ast/expression.ts';
import type { OrderItem } from '../ast/query.ts';
import { syntaxError, unsupported } from '../errors.ts';
import type { Token } from '../token.ts';
import { toLiteral } from './literal.ts';
import type { Parser } from './parser.ts';
import { parseQuery } from './query.ts';
import { parseType } from './type.ts';

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
        return { kind: 'subquery', query, line: open.line } as Expression;
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

function parseCall(p: Parser, name: readonly string[], line: number): Expression {
  p.expectOperator('(');
  let star = false;
  let distinct = false;
  const args: Expression[] = [];
  if (p.isOperator('*') && p.peek().text === ')') {
    p.next();
    star = true;
  } else if (!p.isOperator(')')) {
    if (p.accept('DISTINCT')) distinct = true;
    else p.accept('ALL');
    do args.push(parseExpression(p));
    while (p.acceptOperator(','));
  }
  p.expectOperator(')');
  if (p.isSequence('IGNORE', 'NULLS')) throw unsupported('IGNORE NULLS', line);
  p.acceptSequence('RESPECT', 'NULLS');
  let within: readonly OrderItem[] | undefined;
  if (p.isSequence('WITHIN', 'GROUP')) {
    p.acceptSequence('WITHIN', 'GROUP');
    p.expectOperator('(');
    p.expect('ORDER');
    p.expect('BY');
    within = parseOrderItems(p);
    p.expectOperator(')');
  }
  const over = p.accept('OVER') ? parseWindow(p) : undefined;
  if (p.isOperator('.') && p.peek().kind !== 'operator') throw unsupported(`method ${p.peek().value}`, line);
  return {
    kind: 'call',
    name,
    args,
    star,
    distinct,
    line,
    ...(within === undefined ? {} : { within }),
    ...(over === undefined ? {} : { over }),
  };
}

export function parseOrderItems(p: Parser): OrderItem[] {
  const items: OrderItem[] = [];
  do {
    const expression = parseExpression(p);
    const descending = p.accept('DESC');
    if (!descending) p.accept('ASC');
    items.push({ expression, descending });
  } while (p.acceptOperator(','));
  return items;
}

function parseWindow(p: Parser): WindowSpecification {
  if (!p.isOperator('(')) throw unsupported('named WINDOW', p.token.line);
  p.expectOperator('(');
  const partitionBy: Expression[] = [];
  if (p.is('PARTITION')) {
    p.next();
    p.expect('BY');
    do partitionBy.push(parseExpression(p));
    while (p.acceptOperator(','));
  }
  let orderBy: readonly OrderItem[] = [];
  if (p.accept('ORDER')) {
    p.expect('BY');
    orderBy = parseOrderItems(p);
  }
  const frame = p.is('ROWS', 'RANGE') ? parseFrame(p) : undefined;
  p.expectOperator(')');
  return { partitionBy, orderBy, ...(frame === undefined ? {} : { frame }) };
}

function parseFrame(p: Parser): WindowFrame {
  const unit = p.next().keyword as 'ROWS' | 'RANGE';
  if (p.accept('BETWEEN')) {
    const start = parseBound(p);
    p.expect('AND');
    return { unit, start, end: parseBound(p) };
  }
  return { unit, start: parseBound(p), end: { kind: 'current' } };
}

function parseBound(p: Parser): FrameBound {
  if (p.accept('UNBOUNDED')) {
    return {
      kind: p.expect('PRECEDING', 'FOLLOWING').keyword === 'PRECEDING' ? 'unbounded preceding' : 'unbounded following',
    };
  }
  if (p.accept('CURRENT')) {
    p.expect('ROW');
    return { kind: 'current' };
  }
  if (p.token.kind !== 'number') throw p.fail();
  const count = Number(p.next().text);
  return { kind: p.expect('PRECEDING', 'FOLLOWING').keyword === 'PRECEDING' ? 'preceding' : 'following', count };
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
