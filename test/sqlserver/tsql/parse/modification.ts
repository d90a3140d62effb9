import type { Expression } from '../ast/expression.ts';
import type {
  Assignment,
  DeleteStatement,
  InsertStatement,
  MergeAction,
  MergeStatement,
  ModificationTarget,
  OutputClause,
  TruncateStatement,
  UpdateStatement,
} from '../ast/modification.ts';
import type { AssignOperator, CommonTable, Query, SelectItem } from '../ast/query.ts';
import { syntaxError, unsupported } from '../errors.ts';
import { parseCondition } from './condition.ts';
import { parseExpression } from './expression.ts';
import type { Parser } from './parser.ts';
import { parseExecute } from './procedure.ts';
import {
  ASSIGN_OPERATORS,
  parseColumnNames,
  parseOption,
  parseQueryTail,
  parseQuery,
  parseSelectItem,
  parseTop,
} from './query.ts';
import { parseFrom, parseTableHints, parseValues } from './from.ts';
import { span } from './span.ts';

function parseTarget(p: Parser): ModificationTarget {
  const token = p.token;
  if (token.kind === 'variable') {
    p.next();
    return { kind: 'variable', name: p.useTable(token), line: token.line };
  }
  if (p.is('OPENROWSET', 'OPENQUERY', 'OPENDATASOURCE')) throw unsupported(p.token.keyword, token.line);
  const name = p.objectName();
  return { kind: 'table', name, hints: parseTableHints(p), line: token.line };
}

export function parseInsert(p: Parser, commonTables: readonly CommonTable[]): InsertStatement {
  const start = p.expect('INSERT');
  const top = p.is('TOP') ? parseTop(p) : undefined;
  p.accept('INTO');
  const target = parseTarget(p);
  let columns: string[] | undefined;
  if (p.isOperator('(') && !(p.peek().keyword === 'SELECT' || p.peek().keyword === 'WITH' || p.peek().text === '(')) {
    columns = parseInsertColumns(p);
  }
  const hints = parseTableHints(p);
  if (hints.length > 0 && target.kind === 'table') Object.assign(target, { hints: [...target.hints, ...hints] });
  const output = p.is('OUTPUT') ? parseOutput(p) : undefined;
  const source = parseInsertSource(p);
  return {
    kind: 'insert',
    commonTables,
    target,
    source,
    ...(top === undefined ? {} : { top }),
    ...(columns === undefined ? {} : { columns }),
    ...(output === undefined ? {} : { output }),
    ...span(p, start),
  };
}

function parseInsertColumns(p: Parser): string[] {
  p.expectOperator('(');
  const names: string[] = [];
  do {
    const parts = p.nameParts();
    names.push(parts.at(-1) as string);
  } while (p.acceptOperator(','));
  p.expectOperator(')');
  return names;
}

function parseInsertSource(p: Parser): InsertStatement['source'] {
  if (p.is('DEFAULT') && p.peek().keyword === 'VALUES') {
    p.acceptSequence('DEFAULT', 'VALUES');
    return { kind: 'defaults' };
  }
  if (p.is('EXEC', 'EXECUTE')) return { kind: 'execute', execute: parseExecute(p) };
  if (p.is('VALUES')) {
    const line = p.token.line;
    const body = parseValues(p);
    if (body.rows.length > 1000) {
      throw syntaxError(
        10738,
        'The number of row value expressions in the INSERT statement exceeds the maximum allowed number of 1000 row values.',
        line,
      );
    }
    if (p.is('OPTION')) parseOption(p);
    return { kind: 'query', query: { kind: 'query', commonTables: [], body, orderBy: [], line } };
  }
  if (p.is('SELECT', 'WITH') || p.isOperator('(')) return { kind: 'query', query: parseQuery(p) };
  throw p.fail();
}

export function parseOutput(p: Parser): OutputClause {
  p.expect('OUTPUT');
  const items: SelectItem[] = [];
  do items.push(parseSelectItem(p));
  while (p.acceptOperator(','));
  if (!p.accept('INTO')) return { items };
  const target = parseTarget(p);
  const columns = p.isOperator('(') ? parseColumnNames(p) : undefined;
  return { items, into: { target, ...(columns === undefined ? {} : { columns }) } };
}

export function parseUpdate(p: Parser, commonTables: readonly CommonTable[]): UpdateStatement {
  const start = p.expect('UPDATE');
  if (p.is('STATISTICS')) throw unsupported('UPDATE STATISTICS', start.line);
  const top = p.is('TOP') ? parseTop(p) : undefined;
  const target = parseTarget(p);
  p.expect('SET');
  const assignments = parseAssignments(p);
  const output = p.is('OUTPUT') ? parseOutput(p) : undefined;
  const from = p.accept('FROM') ? parseFrom(p) : undefined;
  const { where, currentOf } = parseWhere(p);
  if (p.is('OPTION')) parseOption(p);
  return {
    kind: 'update',
    commonTables,
    target,
    assignments,
    ...(top === undefined ? {} : { top }),
    ...(output === undefined ? {} : { output }),
    ...(from === undefined ? {} : { from }),
    ...(where === undefined ? {} : { where }),
    ...(currentOf === undefined ? {} : { currentOf }),
    ...span(p, start),
  };
}

function parseWhere(p: Parser): { where?: Expression; currentOf?: string } {
  if (!p.accept('WHERE')) return {};
  if (p.isSequence('CURRENT', 'OF')) {
    p.acceptSequence('CURRENT', 'OF');
    p.accept('GLOBAL');
    return { currentOf: p.token.kind === 'variable' ? p.next().value : p.identifier() };
  }
  return { where: parseCondition(p) };
}

function parseAssignments(p: Parser): Assignment[] {
  const assignments: Assignment[] = [];
  do {
    const token = p.token;
    if (token.kind === 'variable') {
      p.next();
      const variable = p.useScalar(token, true);
      const operator = assignOperator(p);
      // SET @v = column = expression
      if (operator === '=' && p.isIdentifier() && p.peek().text === '=') {
        const column = p.identifier();
        const inner = assignOperator(p);
        assignments.push({ variable, column, operator: inner, value: parseExpression(p), line: token.line });
      } else {
        assignments.push({ variable, operator, value: parseExpression(p), line: token.line });
      }
      continue;
    }
    const parts = p.nameParts();
    if (p.isOperator('(')) throw unsupported(`.${parts.at(-1) ?? ''}()`, token.line);
    const operator = assignOperator(p);
    assignments.push({ column: parts.at(-1) as string, operator, value: parseExpression(p), line: token.line });
  } while (p.acceptOperator(','));
  return assignments;
}

function assignOperator(p: Parser): AssignOperator {
  if (!p.isOperator(...ASSIGN_OPERATORS)) throw p.fail();
  return p.next().text as AssignOperator;
}

export function parseDelete(p: Parser, commonTables: readonly CommonTable[]): DeleteStatement {
  const start = p.expect('DELETE');
  const top = p.is('TOP') ? parseTop(p) : undefined;
  p.accept('FROM');
  const target = parseTarget(p);
  const output = p.is('OUTPUT') ? parseOutput(p) : undefined;
  const from = p.accept('FROM') ? parseFrom(p) : undefined;
  const { where, currentOf } = parseWhere(p);
  if (p.is('OPTION')) parseOption(p);
  return {
    kind: 'delete',
    commonTables,
    target,
    ...(top === undefined ? {} : { top }),
    ...(output === undefined ? {} : { output }),
    ...(from === undefined ? {} : { from }),
    ...(where === undefined ? {} : { where }),
    ...(currentOf === undefined ? {} : { currentOf }),
    ...span(p, start),
  };
}

export function parseTruncate(p: Parser): TruncateStatement {
  const start = p.expect('TRUNCATE');
  p.expect('TABLE');
  const table = p.objectName();
  if (p.is('WITH')) throw unsupported('TRUNCATE TABLE WITH (PARTITIONS)', start.line);
  return { kind: 'truncate', table, ...span(p, start) };
}

export function parseMerge(p: Parser, commonTables: readonly CommonTable[]): MergeStatement {
  const start = p.expect('MERGE');
  if (p.is('TOP')) throw unsupported('MERGE TOP', start.line);
  p.accept('INTO');
  const target = parseTarget(p);
  p.accept('AS');
  const alias = p.isIdentifier() && !p.is('USING') ? p.identifier() : undefined;
  p.expect('USING');
  const source = parseFrom(p);
  p.expect('ON');
  const on = parseCondition(p);
  const branches: MergeStatement['branches'][number][] = [];
  while (p.accept('WHEN')) {
    const when = parseMergeWhen(p);
    const and = p.accept('AND') ? parseCondition(p) : undefined;
    p.expect('THEN');
    branches.push({ when, action: parseMergeAction(p), ...(and === undefined ? {} : { and }) });
  }
  if (branches.length === 0) throw p.fail();
  const output = p.is('OUTPUT') ? parseOutput(p) : undefined;
  if (p.is('OPTION')) parseOption(p);
  if (!p.isOperator(';')) {
    throw syntaxError(10713, 'A MERGE statement must be terminated by a semi-colon (;).', p.previous().line, 15);
  }
  return {
    kind: 'merge',
    commonTables,
    target,
    source,
    on,
    branches,
    ...(alias === undefined ? {} : { alias }),
    ...(output === undefined ? {} : { output }),
    ...span(p, start),
  };
}

function parseMergeWhen(p: Parser): MergeStatement['branches'][number]['when'] {
  if (p.accept('MATCHED')) return 'matched';
  p.expect('NOT');
  p.expect('MATCHED');
  if (!p.accept('BY')) return 'not matched by target';
  return p.expect('TARGET', 'SOURCE').keyword === 'TARGET' ? 'not matched by target' : 'not matched by source';
}

function parseMergeAction(p: Parser): MergeAction {
  if (p.accept('DELETE')) return { kind: 'delete' };
  if (p.accept('UPDATE')) {
    p.expect('SET');
    return { kind: 'update', assignments: parseAssignments(p) };
  }
  p.expect('INSERT');
  const columns = p.isOperator('(') ? parseInsertColumns(p) : undefined;
  if (p.accept('DEFAULT')) {
    p.expect('VALUES');
    return { kind: 'insert', ...(columns === undefined ? {} : { columns }) };
  }
  const values = parseValues(p).rows[0] ?? [];
  return { kind: 'insert', values, ...(columns === undefined ? {} : { columns }) };
}

export function queryOf(p: Parser, commonTables: readonly CommonTable[], line: number): Query {
  return parseQueryTail(p, commonTables, line);
}
