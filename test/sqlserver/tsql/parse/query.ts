import type { Expression } from '../ast/expression.ts';
import type {
  AssignOperator,
  CommonTable,
  JoinKind,
  OrderItem,
  Query,
  QueryBody,
  SelectBody,
  SelectItem,
  TableSource,
  TopClause,
  ValuesBody,
} from '../ast/query.ts';
import { syntaxError, unsupported } from '../errors.ts';
import { parseCondition, parseExpression, parseOrderItems } from './expression.ts';
import { toObjectName, type Parser } from './parser.ts';

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

export function parseFrom(p: Parser): TableSource {
  let left = parseJoined(p);
  while (p.acceptOperator(',')) left = { kind: 'join', join: 'cross', left, right: parseJoined(p) };
  return left;
}

function parseJoined(p: Parser): TableSource {
  let left = parseSource(p);
  for (;;) {
    const join = parseJoinKind(p);
    if (join === undefined) return left;
    if (join === 'cross' || join === 'cross apply' || join === 'outer apply') {
      left = { kind: 'join', join, left, right: parseSource(p) };
      continue;
    }
    // a JOIN b JOIN c ON … ON …: the inner join comes first.
    const right = parseJoinedUntilOn(p);
    p.expect('ON');
    left = { kind: 'join', join, left, right, on: parseCondition(p) };
  }
}

function parseJoinedUntilOn(p: Parser): TableSource {
  const right = parseSource(p);
  if (p.is('ON')) return right;
  return continueJoin(p, right);
}

function continueJoin(p: Parser, first: TableSource): TableSource {
  let left = first;
  while (!p.is('ON')) {
    const join = parseJoinKind(p);
    if (join === undefined) throw p.fail();
    if (join === 'cross' || join === 'cross apply' || join === 'outer apply') {
      left = { kind: 'join', join, left, right: parseSource(p) };
      continue;
    }
    const right = parseJoinedUntilOn(p);
    p.expect('ON');
    left = { kind: 'join', join, left, right, on: parseCondition(p) };
  }
  return left;
}

function parseJoinKind(p: Parser): JoinKind | undefined {
  const hints = ['LOOP', 'HASH', 'MERGE', 'REMOTE'];
  if (p.accept('JOIN')) return 'inner';
  if (p.accept('INNER')) {
    p.accept(...hints);
    p.expect('JOIN');
    return 'inner';
  }
  if (p.is('LEFT', 'RIGHT', 'FULL')) {
    const join = p.next().keyword.toLowerCase() as 'left' | 'right' | 'full';
    p.accept('OUTER');
    p.accept(...hints);
    p.expect('JOIN');
    return join;
  }
  if (p.accept('CROSS')) {
    if (p.accept('APPLY')) return 'cross apply';
    p.expect('JOIN');
    return 'cross';
  }
  if (p.isSequence('OUTER', 'APPLY')) {
    p.acceptSequence('OUTER', 'APPLY');
    return 'outer apply';
  }
  return undefined;
}

function parseSource(p: Parser): TableSource {
  const token = p.token;
  const line = token.line;
  if (p.isOperator('(')) return parseParenthesizedSource(p);
  if (token.kind === 'variable') {
    p.next();
    const alias = parseTableAlias(p);
    return { kind: 'variable', name: p.useTable(token), line, ...(alias === undefined ? {} : { alias }) };
  }
  if (p.is('OPENROWSET', 'OPENQUERY', 'OPENDATASOURCE', 'OPENXML', 'CONTAINSTABLE', 'FREETEXTTABLE')) {
    throw unsupported(p.token.keyword, line);
  }
  const parts = p.nameParts();
  const name = toObjectName(parts);
  if (p.isOperator('(') && !isHintList(p)) {
    p.next();
    const args: Expression[] = [];
    if (!p.isOperator(')')) {
      do args.push(parseExpression(p));
      while (p.acceptOperator(','));
    }
    p.expectOperator(')');
    if (name.name.toUpperCase() === 'OPENJSON') throw unsupported('OPENJSON', line);
    const alias = parseTableAlias(p);
    const columns = alias !== undefined && p.isOperator('(') ? parseColumnNames(p) : undefined;
    return {
      kind: 'function',
      name,
      args,
      line,
      ...(alias === undefined ? {} : { alias }),
      ...(columns === undefined ? {} : { columns }),
    };
  }
  if (p.is('FOR') && p.peek().keyword === 'SYSTEM_TIME') throw unsupported('FOR SYSTEM_TIME', line);
  let hints = parseTableHints(p);
  const alias = parseTableAlias(p);
  if (hints.length === 0) hints = parseTableHints(p);
  if (p.is('TABLESAMPLE', 'PIVOT', 'UNPIVOT')) throw unsupported(p.token.keyword, line);
  return { kind: 'table', name, hints, line, ...(alias === undefined ? {} : { alias }) };
}

function parseParenthesizedSource(p: Parser): TableSource {
  const line = p.token.line;
  const open = p.position;
  p.expectOperator('(');
  if (p.is('VALUES')) {
    const body = parseValues(p);
    p.expectOperator(')');
    p.accept('AS');
    const alias = p.identifier();
    const columns = parseColumnNames(p);
    const query: Query = { kind: 'query', commonTables: [], body, orderBy: [], line };
    return { kind: 'derived', query, alias, columns, line };
  }
  let depth = 0;
  while (p.peek(depth).text === '(' && p.peek(depth).kind === 'operator') depth += 1;
  if (p.peek(depth).keyword === 'SELECT' || p.peek(depth).keyword === 'WITH') {
    p.rewind(open);
    return p.either(
      () => parseDerived(p, line),
      () => parseParenthesizedJoin(p),
    );
  }
  p.rewind(open);
  return parseParenthesizedJoin(p);
}

function parseDerived(p: Parser, line: number): TableSource {
  p.expectOperator('(');
  const query = parseQuery(p);
  p.expectOperator(')');
  p.accept('AS');
  const alias = p.identifier();
  const columns = p.isOperator('(') ? parseColumnNames(p) : undefined;
  if (p.is('PIVOT', 'UNPIVOT')) throw unsupported(p.token.keyword, line);
  return { kind: 'derived', query, alias, line, ...(columns === undefined ? {} : { columns }) };
}

function parseParenthesizedJoin(p: Parser): TableSource {
  p.expectOperator('(');
  const inner = parseJoined(p);
  p.expectOperator(')');
  return inner;
}

function parseTableAlias(p: Parser): string | undefined {
  if (p.accept('AS')) return p.identifier();
  if (p.is('PIVOT', 'UNPIVOT', 'TABLESAMPLE')) throw unsupported(p.token.keyword, p.token.line);
  return p.isIdentifier() ? p.next().value : undefined;
}

const HINTS = new Set(
  `NOLOCK READUNCOMMITTED UPDLOCK HOLDLOCK ROWLOCK TABLOCK TABLOCKX PAGLOCK XLOCK READPAST READCOMMITTED READCOMMITTEDLOCK
  REPEATABLEREAD SERIALIZABLE SNAPSHOT NOWAIT NOEXPAND FORCESEEK FORCESCAN INDEX KEEPIDENTITY KEEPDEFAULTS IGNORE_CONSTRAINTS
  IGNORE_TRIGGERS SPATIAL_WINDOW_MAX_CELLS FASTFIRSTROW`.split(/\s+/),
);

/** `t (NOLOCK)`, the old form without WITH. */
function isHintList(p: Parser): boolean {
  const closing = p.peek(2);
  return HINTS.has(p.peek().keyword) && closing.kind === 'operator' && (closing.text === ')' || closing.text === ',');
}

export function parseTableHints(p: Parser): string[] {
  if (p.isSequence('WITH') && p.peek().text === '(') p.next();
  else if (!(p.isOperator('(') && isHintList(p))) return [];
  p.expectOperator('(');
  const hints: string[] = [];
  let depth = 1;
  while (depth > 0) {
    const token = p.next();
    if (token.kind === 'end') throw p.fail(token);
    if (token.kind === 'operator' && token.text === '(') depth += 1;
    else if (token.kind === 'operator' && token.text === ')') depth -= 1;
    else if (depth === 1 && token.kind === 'word') {
      if (!HINTS.has(token.keyword)) {
        throw syntaxError(
          321,
          `"${token.text}" is not a recognized table hints option. If it is intended as a parameter to a table-valued function or to the CHANGETABLE function, ensure that your database compatibility mode is set to 90.`,
          token.line,
        );
      }
      hints.push(token.keyword);
    }
  }
  return hints;
}

export function parseValues(p: Parser): ValuesBody {
  const line = p.expect('VALUES').line;
  const rows: Expression[][] = [];
  do {
    p.expectOperator('(');
    const row: Expression[] = [];
    do row.push(parseExpression(p));
    while (p.acceptOperator(','));
    p.expectOperator(')');
    const first = rows[0];
    if (first !== undefined && first.length !== row.length) {
      throw syntaxError(
        10709,
        'The number of columns for each row in a table value constructor must be the same.',
        p.previous().line,
        16,
      );
    }
    rows.push(row);
  } while (p.acceptOperator(','));
  return { kind: 'values', rows, line };
}
