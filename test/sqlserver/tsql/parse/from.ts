import type { Expression } from '../ast/expression.ts';
import type { JoinKind, Query, TableSource, ValuesBody } from '../ast/query.ts';
import { syntaxError, unsupported } from '../errors.ts';
import { parseCondition } from './condition.ts';
import { parseExpression } from './expression.ts';
import { toObjectName, type Parser } from './parser.ts';
import { parseColumnNames, parseQuery } from './query.ts';

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
