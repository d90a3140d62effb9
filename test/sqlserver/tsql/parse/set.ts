import type { Expression } from '../ast/expression.ts';
import type { AssignOperator } from '../ast/query.ts';
import type { Statement } from '../ast/statement.ts';
import { syntaxError, unsupported } from '../errors.ts';
import { parseOperand } from './control.ts';
import { parseExpression } from './expression.ts';
import type { Parser } from './parser.ts';
import { ASSIGN_OPERATORS } from './query.ts';
import { span } from './span.ts';

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
