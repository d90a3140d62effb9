import type {
  CursorStatement,
  DeclareStatement,
  IfStatement,
  RaiserrorStatement,
  ThrowStatement,
  TransactionStatement,
  TryStatement,
  WhileStatement,
} from '../ast/control.ts';
import type { Expression } from '../ast/expression.ts';
import type { Statement } from '../ast/statement.ts';
import { unsupported } from '../errors.ts';
import { parseTableElements } from './definition.ts';
import { parseCondition } from './condition.ts';
import { parseExpression } from './expression.ts';
import { stringLiteral, toLiteral } from './literal.ts';
import type { Parser } from './parser.ts';
import { span } from './span.ts';
import { parseStatement, parseStatements } from './statement.ts';
import { parseType } from './type.ts';
import { parseCursor } from './cursor.ts';

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
