import type { Expression } from '../ast/expression.ts';
import type {
  AssignOperator,
  CommonTable,
  OrderItem,
  Query,
  QueryBody,
  SelectBody,
  SelectItem,
  TopClause,
} from '../ast/query.ts';
import { syntaxError, unsupported } from '../errors.ts';
import { parseCondition } from './condition.ts';
import { parseExpression } from './expression.ts';
import { parseOrderItems } from './call.ts';
import { type Parser } from './parser.ts';
import { parseFrom } from './from.ts';

export const ASSIGN_OPERATORS: readonly string[] = ['=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^='];

/** WITH … SELECT … ORDER BY … OFFSET … OPTION (…) */
export function parseQuery(p: Parser): Query {
  const line = p.token.line;
  const commonTables = p.is('WITH') ? parseCommonTables(p) : [];
  return parseQueryTail(p, commonTables, line);
}

export function parseQueryTail(p: Parser, commonTables: readonly CommonTable[], line: number): Query {
  const body = parseUnion(p);
  let orderBy: OrderItem[] = [];
  let offset: Expression | undefined;
  let fetch: Expression | undefined;
  if (p.accept('ORDER')) {
    p.expect('BY');
    orderBy = parseOrderItems(p);
    if (p.is('OFFSET')) {
      p.next();
      offset = parseExpression(p);
      p.expect('ROW', 'ROWS');
      if (p.accept('FETCH')) {
        p.expect('NEXT', 'FIRST');
        fetch = parseExpression(p);
        p.expect('ROW', 'ROWS');
        p.expect('ONLY');
      }
    }
  }
  if (p.is('FOR')) {
    const what = p.peek().keyword;
    if (what === 'XML' || what === 'JSON' || what === 'BROWSE') throw unsupported(`FOR ${what}`, p.token.line);
  }
  const maxRecursion = p.is('OPTION') ? parseOption(p) : undefined;
  return {
    kind: 'query',
    commonTables,
    body,
    orderBy,
    line,
    ...(offset === undefined ? {} : { offset }),
    ...(fetch === undefined ? {} : { fetch }),
    ...(maxRecursion === undefined ? {} : { maxRecursion }),
  };
}

export function parseCommonTables(p: Parser): CommonTable[] {
  p.expect('WITH');
  const tables: CommonTable[] = [];
  do {
    const line = p.token.line;
    const name = p.identifier();
    const columns = p.isOperator('(') ? parseColumnNames(p) : undefined;
    p.expect('AS');
    p.expectOperator('(');
    const query = parseQuery(p);
    p.expectOperator(')');
    tables.push({ name, query, line, ...(columns === undefined ? {} : { columns }) });
  } while (p.acceptOperator(','));
  return tables;
}

export function parseColumnNames(p: Parser): string[] {
  p.expectOperator('(');
  const names: string[] = [];
  do names.push(p.identifier());
  while (p.acceptOperator(','));
  p.expectOperator(')');
  return names;
}

/** Query hints have no effect here but MAXRECURSION. */
export function parseOption(p: Parser): number | undefined {
  p.expect('OPTION');
  p.expectOperator('(');
  let maxRecursion: number | undefined;
  let depth = 1;
  while (depth > 0) {
    if (p.token.kind === 'end') throw p.fail();
    if (p.accept('MAXRECURSION')) maxRecursion = Number(p.token.text);
    if (p.isOperator('(')) depth += 1;
    if (p.isOperator(')')) depth -= 1;
    p.next();
  }
  return maxRecursion;
}

function parseUnion(p: Parser): QueryBody {
  let left = parseIntersect(p);
  for (;;) {
    const line = p.token.line;
    if (p.accept('UNION')) {
      const operator = p.accept('ALL') ? 'UNION ALL' : 'UNION';
      left = { kind: 'set', operator, left, right: parseIntersect(p), line };
    } else if (p.accept('EXCEPT')) {
      left = { kind: 'set', operator: 'EXCEPT', left, right: parseIntersect(p), line };
    } else {
      return left;
    }
  }
}

function parseIntersect(p: Parser): QueryBody {
  let left = parseBody(p);
  while (p.is('INTERSECT')) {
    const line = p.next().line;
    left = { kind: 'set', operator: 'INTERSECT', left, right: parseBody(p), line };
  }
  return left;
}

function parseBody(p: Parser): QueryBody {
  if (p.isOperator('(')) {
    p.next();
    const inner = parseUnion(p);
    if (p.is('ORDER')) throw p.fail();
    p.expectOperator(')');
    return inner;
  }
  return parseSelect(p);
}

function parseSelect(p: Parser): SelectBody {
  const line = p.expect('SELECT').line;
  const distinct = p.accept('DISTINCT');
  if (!distinct) p.accept('ALL');
  const top = p.is('TOP') ? parseTop(p) : undefined;
  const items: SelectItem[] = [];
  do items.push(parseSelectItem(p));
  while (p.acceptOperator(','));
  const into = p.accept('INTO') ? p.objectName() : undefined;
  const from = p.accept('FROM') ? parseFrom(p) : undefined;
  const where = p.accept('WHERE') ? parseCondition(p) : undefined;
  let groupBy: Expression[] | undefined;
  if (p.accept('GROUP')) {
    p.expect('BY');
    groupBy = [];
    if (p.is('ROLLUP', 'CUBE', 'GROUPING')) throw unsupported(`GROUP BY ${p.token.keyword}`, p.token.line);
    do groupBy.push(parseExpression(p));
    while (p.acceptOperator(','));
    if (p.is('WITH') && ['ROLLUP', 'CUBE'].includes(p.peek().keyword)) {
      throw unsupported(`WITH ${p.peek().keyword}`, p.token.line);
    }
  }
  const having = p.accept('HAVING') ? parseCondition(p) : undefined;
  const assigns = items.filter((item) => item.kind === 'assign').length;
  if (assigns > 0 && assigns < items.length) {
    throw syntaxError(
      141,
      'A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.',
      line,
    );
  }
  return {
    kind: 'select',
    distinct,
    items,
    line,
    ...(top === undefined ? {} : { top }),
    ...(into === undefined ? {} : { into }),
    ...(from === undefined ? {} : { from }),
    ...(where === undefined ? {} : { where }),
    ...(groupBy === undefined ? {} : { groupBy }),
    ...(having === undefined ? {} : { having }),
  };
}

export function parseTop(p: Parser): TopClause {
  p.expect('TOP');
  let count: Expression;
  if (p.acceptOperator('(')) {
    count = parseExpression(p);
    p.expectOperator(')');
  } else if (p.token.kind === 'number' || p.token.kind === 'variable') {
    const token = p.token;
    count =
      token.kind === 'variable'
        ? (p.next(), { kind: 'variable', name: p.useScalar(token) })
        : { kind: 'literal', type: { name: 'bigint' }, value: topNumber(p) };
  } else {
    throw p.fail();
  }
  const percent = p.accept('PERCENT');
  const withTies = p.acceptSequence('WITH', 'TIES');
  return { count, percent, withTies };
}

function topNumber(p: Parser): bigint {
  const token = p.next();
  if (!/^\d+$/.test(token.text)) throw syntaxError(102, `Incorrect syntax near '${token.text}'.`, token.line);
  return BigInt(token.text);
}

export function parseSelectItem(p: Parser): SelectItem {
  const token = p.token;
  const line = token.line;
  if (p.isOperator('*')) {
    p.next();
    return { kind: 'star', qualifier: [], line };
  }
  const following = p.peek();
  if (token.kind === 'variable' && following.kind === 'operator' && ASSIGN_OPERATORS.includes(following.text)) {
    p.next();
    const variable = p.useScalar(token, true);
    const operator = p.next().text as AssignOperator;
    return { kind: 'assign', variable, operator, expression: parseExpression(p), line };
  }
  if (following.kind === 'operator' && following.text === '=' && (p.isIdentifier() || token.kind === 'string')) {
    p.next();
    p.next();
    return { kind: 'expression', expression: parseExpression(p), alias: token.value, line };
  }
  const star = qualifiedStar(p);
  if (star !== undefined) return { kind: 'star', qualifier: star, line };
  const expression = parseExpression(p);
  const alias = parseColumnAlias(p);
  return { kind: 'expression', expression, line, ...(alias === undefined ? {} : { alias }) };
}

/** `t.*`, `s.t.*` */
function qualifiedStar(p: Parser): string[] | undefined {
  if (!p.isIdentifier()) return undefined;
  const parts: string[] = [];
  let distance = 0;
  for (;;) {
    const name = p.peek(distance);
    if (name.kind === 'operator' && name.text === '*') break;
    if (name.kind === 'operator' && name.text === '.') {
      parts.push('');
      distance += 1;
      continue;
    }
    if (name.kind !== 'word' && name.kind !== 'quoted') return undefined;
    const dot = p.peek(distance + 1);
    if (dot.kind !== 'operator' || dot.text !== '.') return undefined;
    parts.push(name.value);
    distance += 2;
  }
  if (parts.length === 0) return undefined;
  for (let i = 0; i <= distance; i += 1) p.next();
  return parts;
}

function parseColumnAlias(p: Parser): string | undefined {
  if (p.accept('AS')) {
    if (p.token.kind === 'string') return p.next().value;
    return p.identifier();
  }
  if (p.token.kind === 'string') return p.next().value;
  return p.isIdentifier() ? p.next().value : undefined;
}

// ------------------------------------------------------------------------------------------------------- FROM
