import type { CommonTable } from '../ast/query.ts';
import type { Statement } from '../ast/statement.ts';
import { syntaxError, unsupported } from '../errors.ts';
import type { Token } from '../token.ts';
import { parseBackup, parseDbcc, parseRestore } from './backup.ts';
import {
  parseBegin,
  parseDeclare,
  parseIf,
  parseOperand,
  parseRaiserror,
  parseThrow,
  parseTransaction,
  parseWhile,
} from './control.ts';
import { parseCursorCommand, parseFetch } from './cursor.ts';
import { parseSet } from './set.ts';
import { parseAlterTable, parseCreateIndex, parseDrop } from './alter.ts';
import { parseAlterDatabase, parseCreateDatabase } from './database.ts';
import { parseCreateTable } from './definition.ts';
import { parseExpression } from './expression.ts';
import { parseDelete, parseInsert, parseMerge, parseTruncate, parseUpdate, queryOf } from './modification.ts';
import type { Parser } from './parser.ts';
import { parseCreateModule, parseExecute } from './procedure.ts';
import { parseCommonTables } from './query.ts';
import { parseLogin, parsePermission, parseRole, parseUser } from './security.ts';
import { span } from './span.ts';

export function parseStatements(p: Parser, atEnd: () => boolean): Statement[] {
  const statements: Statement[] = [];
  for (;;) {
    while (p.acceptOperator(';'));
    if (atEnd()) return statements;
    if (p.token.kind === 'end') throw p.fail();
    statements.push(parseStatement(p));
  }
}

export function parseStatement(p: Parser): Statement {
  while (p.acceptOperator(';'));
  const token = p.token;
  if (token.kind === 'quoted' || token.kind === 'word') return parseWordStatement(p, token);
  if (p.isOperator('(')) {
    const query = queryOf(p, [], token.line);
    return { kind: 'select', query, ...span(p, token) };
  }
  throw p.fail();
}

function parseWordStatement(p: Parser, token: Token): Statement {
  switch (token.keyword) {
    case 'SELECT':
    case 'INSERT':
    case 'UPDATE':
    case 'DELETE':
    case 'MERGE':
      return parseQueryStatement(p, token, []);
    case 'WITH':
      return parseQueryStatement(p, token, parseCommonTables(p));
    case 'TRUNCATE':
      return parseTruncate(p);
    case 'CREATE':
      return parseCreate(p);
    case 'ALTER':
      return parseAlter(p);
    case 'DROP':
      return parseDrop(p);
    case 'DECLARE':
      return parseDeclare(p);
    case 'SET':
      return parseSet(p);
    case 'IF':
      return parseIf(p);
    case 'WHILE':
      return parseWhile(p);
    case 'BEGIN':
      return parseBegin(p);
    case 'BREAK':
    case 'CONTINUE':
      return parseLoopControl(p);
    case 'RETURN':
      return parseReturn(p);
    case 'GOTO': {
      p.next();
      return { kind: 'goto', label: p.identifier(), ...span(p, token) };
    }
    case 'RAISERROR':
      return parseRaiserror(p);
    case 'THROW':
      return parseThrow(p);
    case 'PRINT': {
      p.next();
      return { kind: 'print', value: parseExpression(p), ...span(p, token) };
    }
    case 'WAITFOR':
      return parseWaitFor(p);
    case 'COMMIT':
    case 'ROLLBACK':
    case 'SAVE':
      return parseTransaction(p);
    case 'EXEC':
    case 'EXECUTE':
      return parseExecute(p);
    case 'USE': {
      p.next();
      return { kind: 'use', database: p.identifier(), ...span(p, token) };
    }
    case 'GRANT':
    case 'REVOKE':
    case 'DENY':
      return parsePermission(p);
    case 'BACKUP':
      return parseBackup(p);
    case 'RESTORE':
      return parseRestore(p);
    case 'DBCC':
      return parseDbcc(p);
    case 'KILL':
      return parseKill(p);
    case 'CHECKPOINT': {
      p.next();
      if (p.token.kind === 'number') p.next();
      return { kind: 'checkpoint', ...span(p, token) };
    }
    case 'RECONFIGURE': {
      p.next();
      if (p.is('WITH')) {
        p.next();
        p.expect('OVERRIDE');
      }
      return { kind: 'reconfigure', ...span(p, token) };
    }
    case 'OPEN':
    case 'CLOSE':
    case 'DEALLOCATE':
      return parseCursorCommand(p);
    case 'FETCH':
      return parseFetch(p);
    case 'BULK':
    case 'SHUTDOWN':
    case 'REVERT':
    case 'READTEXT':
    case 'WRITETEXT':
    case 'UPDATETEXT':
      throw unsupported(token.keyword, token.line);
    default:
      return parseBareWord(p, token);
  }
}

/** `label:`, or a procedure's name, which may stand without EXEC at the start of a batch only. */
function parseBareWord(p: Parser, token: Token): Statement {
  if (!p.isIdentifier()) throw p.fail();
  const after = p.peek();
  if (token.kind === 'word' && after.kind === 'operator' && after.text === ':') {
    p.next();
    p.next();
    return { kind: 'label', label: token.value, ...span(p, token) };
  }
  if (p.tokens[0] === token) return parseExecute(p);
  throw p.fail();
}

function parseQueryStatement(p: Parser, start: Token, commonTables: readonly CommonTable[]): Statement {
  switch (p.token.keyword) {
    case 'INSERT':
      return { ...parseInsert(p, commonTables), ...span(p, start) };
    case 'UPDATE':
      return { ...parseUpdate(p, commonTables), ...span(p, start) };
    case 'DELETE':
      return { ...parseDelete(p, commonTables), ...span(p, start) };
    case 'MERGE':
      return { ...parseMerge(p, commonTables), ...span(p, start) };
    default: {
      const query = queryOf(p, commonTables, start.line);
      return { kind: 'select', query, ...span(p, start) };
    }
  }
}

function parseLoopControl(p: Parser): Statement {
  const token = p.next();
  if (p.loops === 0) {
    const [number, word] = token.keyword === 'BREAK' ? [135, 'BREAK'] : [136, 'CONTINUE'];
    throw syntaxError(number, `Cannot use a ${word} statement outside the scope of a WHILE statement.`, token.line);
  }
  return { kind: token.keyword.toLowerCase() as 'break', ...span(p, token) };
}

function parseReturn(p: Parser): Statement {
  const token = p.next();
  const kind = p.token.kind;
  const starts =
    kind === 'number' ||
    kind === 'variable' ||
    kind === 'string' ||
    kind === 'hex' ||
    p.isOperator('(', '-', '+', '~') ||
    p.is('CASE', 'COALESCE', 'NULLIF', 'CONVERT', 'NULL', 'CAST', 'ISNULL', 'ERROR_NUMBER');
  const value = starts ? parseExpression(p) : undefined;
  return { kind: 'return', ...(value === undefined ? {} : { value }), ...span(p, token) };
}

function parseWaitFor(p: Parser): Statement {
  const token = p.next();
  if (p.isOperator('(')) throw unsupported('WAITFOR (…)', token.line);
  const mode = p.expect('DELAY', 'TIME').keyword as 'DELAY' | 'TIME';
  return { kind: 'waitfor', mode, value: parseOperand(p), ...span(p, token) };
}

function parseKill(p: Parser): Statement {
  const token = p.next();
  if (p.is('QUERY', 'STATS')) throw unsupported(`KILL ${p.token.keyword}`, token.line);
  const spid = parseOperand(p);
  if (p.is('WITH')) {
    p.next();
    p.expect('STATUSONLY');
    throw unsupported('KILL … WITH STATUSONLY', token.line);
  }
  return { kind: 'kill', spid, ...span(p, token) };
}

function parseCreate(p: Parser): Statement {
  const start = p.expect('CREATE');
  if (p.isSequence('OR', 'ALTER')) {
    p.acceptSequence('OR', 'ALTER');
    if (p.is('PROCEDURE', 'PROC', 'VIEW')) return parseCreateModule(p, start, 'create or alter');
    throw unsupported(`CREATE OR ALTER ${p.token.keyword}`, start.line);
  }
  switch (p.token.keyword) {
    case 'TABLE':
      return parseCreateTable(p, start);
    case 'UNIQUE':
    case 'CLUSTERED':
    case 'NONCLUSTERED':
    case 'INDEX':
      return parseCreateIndex(p, start);
    case 'DATABASE':
      if (p.peek().keyword === 'AUDIT' || p.peek().keyword === 'ENCRYPTION') break;
      return parseCreateDatabase(p, start);
    case 'VIEW':
    case 'PROC':
    case 'PROCEDURE':
      return parseCreateModule(p, start, 'create');
    case 'SCHEMA':
      return parseCreateSchema(p, start);
    case 'LOGIN':
      return parseLogin(p, start, 'create');
    case 'USER':
      return parseUser(p, start, 'create');
    case 'ROLE':
    case 'SERVER':
      if (p.is('SERVER') && p.peek().keyword !== 'ROLE') break;
      return parseRole(p, start, 'create');
    default:
      if (p.token.kind !== 'word') throw p.fail();
  }
  throw unsupported(`CREATE ${p.token.keyword}`, start.line);
}

function parseCreateSchema(p: Parser, start: Token): Statement {
  p.expect('SCHEMA');
  if (p.is('AUTHORIZATION')) throw unsupported('CREATE SCHEMA AUTHORIZATION', start.line);
  const name = p.identifier();
  if (p.accept('AUTHORIZATION')) p.identifier();
  if (p.is('CREATE', 'GRANT', 'REVOKE', 'DENY')) throw unsupported('CREATE SCHEMA with elements', start.line);
  return { kind: 'create schema', name, ...span(p, start) };
}

function parseAlter(p: Parser): Statement {
  const start = p.expect('ALTER');
  switch (p.token.keyword) {
    case 'TABLE':
      return parseAlterTable(p, start);
    case 'DATABASE':
      if (p.peek().keyword === 'AUDIT' || p.peek().keyword === 'ENCRYPTION') break;
      return parseAlterDatabase(p, start);
    case 'VIEW':
    case 'PROC':
    case 'PROCEDURE':
      return parseCreateModule(p, start, 'alter');
    case 'LOGIN':
      return parseLogin(p, start, 'alter');
    case 'USER':
      return parseUser(p, start, 'alter');
    case 'ROLE':
    case 'SERVER':
      if (p.is('SERVER') && p.peek().keyword !== 'ROLE') break;
      return parseRole(p, start, 'alter');
    default:
      if (p.token.kind !== 'word') throw p.fail();
  }
  throw unsupported(`ALTER ${p.token.keyword}`, start.line);
}
