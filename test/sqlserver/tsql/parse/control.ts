import type {
  CursorStatement,
  DeclareStatement,
  FetchStatement,
  IfStatement,
  RaiserrorStatement,
  SetOptionStatement,
  ThrowStatement,
  TransactionStatement,
  TryStatement,
  WhileStatement,
} from '../ast/control.ts';
import type { Expression } from '../ast/expression.ts';
import type { AssignOperator } from '../ast/query.ts';
import type { Statement } from '../ast/statement.ts';
import { syntaxError, unsupported } from '../errors.ts';
import type { Token } from '../token.ts';
import { parseTableElements } from './definition.ts';
import { parseCondition, parseExpression } from './expression.ts';
import { stringLiteral, toLiteral } from './literal.ts';
import type { Parser } from './parser.ts';
import { ASSIGN_OPERATORS, parseQuery } from './query.ts';
import { span } from './span.ts';
import { parseStatement, parseStatements } from './statement.ts';
import { parseType } from './type.ts';

export function parseIf(p: Parser): IfStatement {
  const start = p.expect('IF');
  const condition = parseCondition(p);
  const base = span(p, start);
  const then = parseStatement(p);
  if (p.isOperator(';') && p.peek().keyword === 'ELSE') p.next();
  const otherwise = p.accept('ELSE') ? parseStatement(p) : undefined;
  return { kind: 'if', condition, then, ...(otherwise === undefined ? {} : { otherwise }), ...base };
}

export function parseWhile(p: Parser): WhileStatement {
  const start = p.expect('WHILE');
  const condition = parseCondition(p);
  const base = span(p, start);
  p.loops += 1;
  const body = parseStatement(p);
  p.loops -= 1;
  return { kind: 'while', condition, body, ...base };
}

/** BEGIN … END, BEGIN TRY, BEGIN TRANSACTION */
export function parseBegin(p: Parser): Statement {
  const start = p.token;
  const following = p.peek().keyword;
  if (following === 'TRAN' || following === 'TRANSACTION') return parseTransaction(p);
  if (following === 'DISTRIBUTED') throw unsupported('BEGIN DISTRIBUTED TRANSACTION', start.line);
  if (following === 'TRY') return parseTry(p);
  if (following === 'DIALOG' || following === 'CONVERSATION' || following === 'ATOMIC') {
    throw unsupported(`BEGIN ${following}`, start.line);
  }
  p.next();
  p.acceptOperator(';');
  const body = parseStatements(p, () => p.is('END'));
  if (body.length === 0) throw p.fail();
  p.expect('END');
  return { kind: 'block', body, ...span(p, start) };
}

function parseTry(p: Parser): TryStatement {
  const start = p.expect('BEGIN');
  p.expect('TRY');
  p.acceptOperator(';');
  const body = parseStatements(p, () => p.is('END'));
  if (body.length === 0) throw p.fail();
  p.expect('END');
  p.expect('TRY');
  p.acceptOperator(';');
  p.expect('BEGIN');
  p.expect('CATCH');
  p.acceptOperator(';');
  const handler = parseStatements(p, () => p.is('END'));
  p.expect('END');
  p.expect('CATCH');
  return { kind: 'try', body, handler, ...span(p, start) };
}

export function parseTransaction(p: Parser): TransactionStatement {
  const start = p.next();
  const action = start.keyword.toLowerCase() as TransactionStatement['action'];
  const transaction = p.accept('TRAN', 'TRANSACTION');
  if (!transaction && (action === 'commit' || action === 'rollback')) p.accept('WORK');
  else if (!transaction) throw p.fail();
  let name: Expression | undefined;
  if (transaction) {
    if (p.token.kind === 'variable') name = { kind: 'variable', name: p.useScalar(p.next()) };
    else if (p.isIdentifier()) name = stringLiteral(p.next().value, true);
  }
  if (action === 'save' && name === undefined) throw p.fail();
  let mark: TransactionStatement['mark'];
  if (action === 'begin' && p.isSequence('WITH', 'MARK')) {
    p.acceptSequence('WITH', 'MARK');
    mark = p.token.kind === 'string' ? { description: toLiteral(p.next()) } : {};
  }
  if (action === 'commit' && p.is('WITH') && p.peek().text === '(') {
    // WITH (DELAYED_DURABILITY = ON | OFF)
    while (!p.acceptOperator(')')) if (p.next().kind === 'end') throw p.fail();
  }
  return {
    kind: 'transaction',
    action,
    ...(name === undefined ? {} : { name }),
    ...(mark === undefined ? {} : { mark }),
    ...span(p, start),
  };
}

export function parseDeclare(p: Parser): DeclareStatement | CursorStatement {
  const start = p.expect('DECLARE');
  if (p.isIdentifier()) return parseCursor(p, start, p.identifier());
  const items: DeclareStatement['items'][number][] = [];
  do {
    if (p.token.kind !== 'variable') throw p.fail();
    const token = p.next();
    p.accept('AS');
    if (p.accept('TABLE')) {
      const elements = parseTableElements(p);
      p.declareTable(token.value, elements, token.line);
      items.push({ kind: 'table', name: token.value, elements });
    } else if (p.accept('CURSOR')) {
      p.declareScalar(token.value, { name: 'sysname' }, token.line);
      items.push({ kind: 'cursor', name: token.value });
    } else {
      const type = parseType(p);
      const initial = p.acceptOperator('=') ? parseExpression(p) : undefined;
      p.declareScalar(token.value, type, token.line);
      items.push({ kind: 'scalar', name: token.value, type, ...(initial === undefined ? {} : { initial }) });
    }
  } while (p.acceptOperator(','));
  return { kind: 'declare', items, ...span(p, start) };
}

const CURSOR_OPTIONS = [
  'LOCAL',
  'GLOBAL',
  'FORWARD_ONLY',
  'SCROLL',
  'STATIC',
  'KEYSET',
  'DYNAMIC',
  'FAST_FORWARD',
  'READ_ONLY',
  'SCROLL_LOCKS',
  'OPTIMISTIC',
  'TYPE_WARNING',
  'INSENSITIVE',
];

function parseCursor(p: Parser, start: Token, name: string): CursorStatement {
  let scroll = p.acceptSequence('SCROLL');
  p.accept('INSENSITIVE', 'SCROLL');
  p.expect('CURSOR');
  while (p.is(...CURSOR_OPTIONS)) {
    const option = p.next().keyword;
    if (option === 'SCROLL' || option === 'STATIC' || option === 'KEYSET' || option === 'DYNAMIC') scroll = true;
  }
  p.expect('FOR');
  const query = parseQuery(p);
  if (p.accept('FOR')) {
    if (p.accept('READ')) p.expect('ONLY');
    else {
      p.expect('UPDATE');
      if (p.accept('OF')) {
        do p.identifier();
        while (p.acceptOperator(','));
      }
    }
  }
  return { kind: 'declare cursor', name, query, scroll, ...span(p, start) };
}

export function parseCursorCommand(p: Parser): Statement {
  const start = p.next();
  const kind = start.keyword.toLowerCase() as 'open' | 'close' | 'deallocate';
  if (p.is('MASTER', 'SYMMETRIC', 'ALL') && kind !== 'deallocate')
    throw unsupported(`${start.keyword} ${p.token.keyword}`, start.line);
  return { kind, cursor: cursorName(p), ...span(p, start) };
}

function cursorName(p: Parser): string {
  p.accept('GLOBAL');
  if (p.token.kind === 'variable') return p.useScalar(p.next());
  return p.identifier();
}

export function parseFetch(p: Parser): FetchStatement {
  const start = p.expect('FETCH');
  let direction: FetchStatement['direction'] = 'NEXT';
  let offset: Expression | undefined;
  if (p.is('NEXT', 'PRIOR', 'FIRST', 'LAST')) direction = p.next().keyword as 'NEXT';
  else if (p.is('ABSOLUTE', 'RELATIVE')) {
    direction = p.next().keyword as 'ABSOLUTE';
    offset = parseExpression(p);
  }
  p.accept('FROM');
  const cursor = cursorName(p);
  let into: string[] | undefined;
  if (p.accept('INTO')) {
    into = [];
    do {
      if (p.token.kind !== 'variable') throw p.fail();
      into.push(p.useScalar(p.next(), true));
    } while (p.acceptOperator(','));
  }
  return {
    kind: 'fetch',
    cursor,
    direction,
    ...(offset === undefined ? {} : { offset }),
    ...(into === undefined ? {} : { into }),
    ...span(p, start),
  };
}

export function parseThrow(p: Parser): ThrowStatement {
  const start = p.expect('THROW');
  if (p.token.kind !== 'number' && p.token.kind !== 'variable') return { kind: 'throw', ...span(p, start) };
  const number = parseOperand(p);
  p.expectOperator(',');
  const message = parseOperand(p);
  p.expectOperator(',');
  const state = parseOperand(p);
  return { kind: 'throw', error: { number, message, state }, ...span(p, start) };
}

/** A constant or a variable. */
export function parseOperand(p: Parser): Expression {
  const token = p.token;
  if (token.kind === 'variable') {
    p.next();
    if (token.value.startsWith('@@')) return { kind: 'global', name: token.value.toUpperCase(), line: token.line };
    return { kind: 'variable', name: p.useScalar(token) };
  }
  if (p.isOperator('-')) {
    p.next();
    return { kind: 'negate', operand: toLiteral(p.next()) };
  }
  if (p.accept('NULL')) return { kind: 'null' };
  if (!['string', 'number', 'hex', 'money'].includes(token.kind)) throw p.fail();
  p.next();
  return toLiteral(token);
}

export function parseRaiserror(p: Parser): RaiserrorStatement {
  const start = p.expect('RAISERROR');
  if (!p.isOperator('(')) throw p.fail();
  p.expectOperator('(');
  const message = parseOperand(p);
  p.expectOperator(',');
  const severity = parseOperand(p);
  p.expectOperator(',');
  const state = parseOperand(p);
  const args: Expression[] = [];
  while (p.acceptOperator(',')) args.push(parseOperand(p));
  p.expectOperator(')');
  let log = false;
  let noWait = false;
  let setError = false;
  if (p.accept('WITH')) {
    do {
      const option = p.expect('LOG', 'NOWAIT', 'SETERROR').keyword;
      log ||= option === 'LOG';
      noWait ||= option === 'NOWAIT';
      setError ||= option === 'SETERROR';
    } while (p.acceptOperator(','));
  }
  return { kind: 'raiserror', message, severity, state, args, log, noWait, setError, ...span(p, start) };
}

const ON_OFF_OPTIONS = new Set(
  `ANSI_DEFAULTS ANSI_NULL_DFLT_OFF ANSI_NULL_DFLT_ON ANSI_NULLS ANSI_PADDING ANSI_WARNINGS ARITHABORT ARITHIGNORE
  CONCAT_NULL_YIELDS_NULL CURSOR_CLOSE_ON_COMMIT FMTONLY FORCEPLAN IMPLICIT_TRANSACTIONS NOCOUNT NOEXEC NUMERIC_ROUNDABORT
  PARSEONLY QUOTED_IDENTIFIER REMOTE_PROC_TRANSACTIONS SHOWPLAN_ALL SHOWPLAN_TEXT SHOWPLAN_XML XACT_ABORT NO_BROWSETABLE`.split(
    /\s+/,
  ),
);
const VALUE_OPTIONS = new Set([
  'DATEFIRST',
  'DATEFORMAT',
  'DEADLOCK_PRIORITY',
  'LANGUAGE',
  'LOCK_TIMEOUT',
  'QUERY_GOVERNOR_COST_LIMIT',
  'ROWCOUNT',
  'TEXTSIZE',
  'CONTEXT_INFO',
]);

export function parseSet(p: Parser): Statement {
  const start = p.expect('SET');
  const token = p.token;
  if (token.kind === 'variable') {
    p.next();
    const name = p.useScalar(token, true);
    if (p.isOperator('.')) throw unsupported('methods of variables', token.line);
    if (!p.isOperator(...ASSIGN_OPERATORS)) throw p.fail();
    const operator = p.next().text as AssignOperator;
    if (p.is('CURSOR')) throw unsupported('SET @variable = CURSOR', token.line);
    return { kind: 'set variable', name, operator, value: parseExpression(p), ...span(p, start) };
  }
  if (p.acceptSequence('TRANSACTION', 'ISOLATION', 'LEVEL')) {
    let level = p.expect('READ', 'REPEATABLE', 'SNAPSHOT', 'SERIALIZABLE').keyword;
    if (level === 'READ') level = `READ ${p.expect('COMMITTED', 'UNCOMMITTED').keyword}`;
    if (level === 'REPEATABLE') level = `REPEATABLE ${p.expect('READ').keyword}`;
    return { kind: 'set option', options: ['TRANSACTION ISOLATION LEVEL'], value: level, ...span(p, start) };
  }
  if (p.acceptSequence('IDENTITY_INSERT')) {
    const table = p.objectName();
    const value = p.expect('ON', 'OFF').keyword === 'ON';
    return { kind: 'set option', options: ['IDENTITY_INSERT'], value, table, ...span(p, start) };
  }
  if (p.acceptSequence('STATISTICS')) {
    const what = [];
    do what.push(`STATISTICS ${p.expect('IO', 'TIME', 'PROFILE', 'XML').keyword}`);
    while (p.acceptOperator(','));
    const value = p.expect('ON', 'OFF').keyword === 'ON';
    if (value) throw unsupported(`SET ${what.join(', ')} ON`, start.line);
    return { kind: 'set option', options: what, value, ...span(p, start) };
  }
  if (VALUE_OPTIONS.has(token.keyword)) {
    p.next();
    return { kind: 'set option', options: [token.keyword], value: parseOptionValue(p), ...span(p, start) };
  }
  const options: string[] = [];
  do {
    const option = p.next();
    if (!ON_OFF_OPTIONS.has(option.keyword)) {
      if (option.kind === 'word' && options.length === 0 && (p.is('ON', 'OFF') || p.isOperator(','))) {
        throw syntaxError(195, `'${option.text}' is not a recognized SET option.`, option.line, 15, 5);
      }
      throw p.fail(option);
    }
    options.push(option.keyword);
  } while (p.acceptOperator(','));
  const value = p.expect('ON', 'OFF').keyword === 'ON';
  return { kind: 'set option', options, value, ...span(p, start) };
}

function parseOptionValue(p: Parser): string | Expression {
  const token = p.token;
  if (token.kind === 'word') {
    p.next();
    return token.value;
  }
  return parseOperand(p);
}
