import type { AlterDatabaseStatement, CreateDatabaseStatement, DatabaseFileElement } from '../ast/definition.ts';
import { unsupported } from '../errors.ts';
import type { Token } from '../token.ts';
import { skipParentheses } from './definition.ts';
import { toLiteral } from './literal.ts';
import type { Parser } from './parser.ts';
import { span } from './span.ts';

export function parseCreateDatabase(p: Parser, start: Token): CreateDatabaseStatement {
  p.expect('DATABASE');
  const name = p.identifier();
  const files: DatabaseFileElement[] = [];
  let collation: string | undefined;
  if (p.accept('CONTAINMENT')) {
    p.expectOperator('=');
    if (p.next().keyword !== 'NONE') throw unsupported('CONTAINMENT = PARTIAL', start.line);
  }
  if (p.accept('ON')) {
    p.accept('PRIMARY');
    if (!p.is('LOG')) parseFiles(p, 'ROWS', files);
  }
  if (p.acceptSequence('LOG', 'ON')) parseFiles(p, 'LOG', files);
  if (p.accept('COLLATE')) collation = p.identifier();
  if (p.is('FOR', 'AS')) throw unsupported('CREATE DATABASE … FOR ATTACH | AS SNAPSHOT', start.line);
  if (p.accept('WITH')) {
    do {
      p.next();
      if (p.acceptOperator('=')) p.next();
      else p.accept('ON', 'OFF');
    } while (p.acceptOperator(','));
  }
  return { kind: 'create database', name, files, ...(collation === undefined ? {} : { collation }), ...span(p, start) };
}

function parseFiles(p: Parser, type: 'ROWS' | 'LOG', files: DatabaseFileElement[]): void {
  do {
    if (p.is('FILEGROUP')) throw unsupported('FILEGROUP', p.token.line);
    if (p.is('LOG')) return;
    files.push(parseFile(p, type));
  } while (p.acceptOperator(','));
}

export function parseFile(p: Parser, type: 'ROWS' | 'LOG'): DatabaseFileElement {
  p.expectOperator('(');
  let logicalName = '';
  let physicalName: string | undefined;
  let sizeBytes: number | undefined;
  do {
    const option = p.next();
    if (option.keyword === 'OFFLINE') continue;
    p.expectOperator('=');
    switch (option.keyword) {
      case 'NAME':
      case 'NEWNAME':
        logicalName = p.token.kind === 'string' ? p.next().value : p.identifier();
        break;
      case 'FILENAME':
        if (p.token.kind !== 'string') throw p.fail();
        physicalName = p.next().value;
        break;
      case 'SIZE':
        sizeBytes = parseSize(p);
        break;
      case 'MAXSIZE':
      case 'FILEGROWTH':
        if (!p.accept('UNLIMITED')) parseSize(p);
        break;
      default:
        throw p.fail(option);
    }
  } while (p.acceptOperator(','));
  p.expectOperator(')');
  return {
    type,
    logicalName,
    ...(physicalName === undefined ? {} : { physicalName }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  };
}

/** `64MB`, `10 GB`, `10%`, a bare number is megabytes. */
function parseSize(p: Parser): number {
  if (p.token.kind !== 'number') throw p.fail();
  const value = Number(p.next().text);
  const unit = p.is('KB', 'MB', 'GB', 'TB') ? p.next().keyword : 'MB';
  if (p.acceptOperator('%')) return 0;
  return value * { KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 }[unit as 'MB'];
}

export function parseAlterDatabase(p: Parser, start: Token): AlterDatabaseStatement {
  p.expect('DATABASE');
  if (p.is('SCOPED')) throw unsupported('ALTER DATABASE SCOPED CONFIGURATION', start.line);
  const name = p.accept('CURRENT') ? undefined : p.identifier();
  const action = parseDatabaseAction(p);
  return { kind: 'alter database', action, ...(name === undefined ? {} : { name }), ...span(p, start) };
}

function parseDatabaseAction(p: Parser): AlterDatabaseStatement['action'] {
  if (p.acceptSequence('MODIFY', 'NAME')) {
    p.expectOperator('=');
    return { kind: 'name', name: p.identifier() };
  }
  if (p.acceptSequence('MODIFY', 'FILE')) return { kind: 'modify file', logicalName: parseFile(p, 'ROWS').logicalName };
  if (p.acceptSequence('ADD', 'LOG', 'FILE')) return { kind: 'file', files: [parseFile(p, 'LOG')] };
  if (p.acceptSequence('ADD', 'FILE')) {
    const files: DatabaseFileElement[] = [];
    parseFiles(p, 'ROWS', files);
    if (p.isSequence('TO', 'FILEGROUP')) {
      p.acceptSequence('TO', 'FILEGROUP');
      if (!p.is('PRIMARY') && p.token.value.toUpperCase() !== 'PRIMARY') throw unsupported('FILEGROUP', p.token.line);
      p.next();
    }
    return { kind: 'file', files };
  }
  if (p.accept('COLLATE')) return { kind: 'collate', collation: p.identifier() };
  if (p.is('ADD', 'REMOVE', 'MODIFY'))
    throw unsupported(`ALTER DATABASE ${p.token.keyword} ${p.peek().keyword}`, p.token.line);
  p.expect('SET');
  return parseDatabaseSet(p);
}

type SetOptions = Extract<AlterDatabaseStatement['action'], { kind: 'set' }>['options'];

function parseDatabaseSet(p: Parser): AlterDatabaseStatement['action'] {
  const options: SetOptions[number][] = [];
  do options.push(parseDatabaseOption(p));
  while (p.acceptOperator(','));
  let rollbackImmediate = false;
  if (p.accept('WITH')) {
    if (p.accept('ROLLBACK')) {
      rollbackImmediate = true;
      if (!p.accept('IMMEDIATE')) {
        p.expect('AFTER');
        toLiteral(p.next());
        p.accept('SECONDS');
      }
    } else {
      p.expect('NO_WAIT');
    }
  }
  return { kind: 'set', options, rollbackImmediate };
}

const DATABASE_OPTIONS = new Set(
  `ACCELERATED_DATABASE_RECOVERY ALLOW_SNAPSHOT_ISOLATION ANSI_NULL_DEFAULT ANSI_NULLS ANSI_PADDING ANSI_WARNINGS ARITHABORT
  AUTO_CLOSE AUTO_CREATE_STATISTICS AUTO_SHRINK AUTO_UPDATE_STATISTICS AUTO_UPDATE_STATISTICS_ASYNC CHANGE_TRACKING
  COMPATIBILITY_LEVEL CONCAT_NULL_YIELDS_NULL CURSOR_CLOSE_ON_COMMIT CURSOR_DEFAULT DATE_CORRELATION_OPTIMIZATION DB_CHAINING
  DELAYED_DURABILITY DISABLE_BROKER ENABLE_BROKER NEW_BROKER ERROR_BROKER_CONVERSATIONS HONOR_BROKER_PRIORITY
  MIXED_PAGE_ALLOCATION NUMERIC_ROUNDABORT PAGE_VERIFY PARAMETERIZATION QUERY_STORE QUOTED_IDENTIFIER READ_COMMITTED_SNAPSHOT
  RECURSIVE_TRIGGERS TARGET_RECOVERY_TIME TEMPORAL_HISTORY_RETENTION TORN_PAGE_DETECTION TRUSTWORTHY`.split(/\s+/),
);

function parseDatabaseOption(p: Parser): SetOptions[number] {
  const token = p.next();
  switch (token.keyword) {
    case 'RECOVERY': {
      const model = p.next();
      const word = model.keyword;
      if (word !== 'FULL' && word !== 'SIMPLE' && word !== 'BULK_LOGGED') throw p.fail(model);
      return { set: 'recovery', model: word };
    }
    case 'ONLINE':
    case 'OFFLINE':
    case 'EMERGENCY':
      return { set: 'state', state: token.keyword };
    case 'MULTI_USER':
    case 'SINGLE_USER':
    case 'RESTRICTED_USER':
      return { set: 'access', access: token.keyword };
    case 'READ_ONLY':
    case 'READ_WRITE':
      return { set: 'readonly', readOnly: token.keyword === 'READ_ONLY' };
    case 'ENCRYPTION':
      throw unsupported('ALTER DATABASE SET ENCRYPTION', token.line);
    default:
      break;
  }
  if (!DATABASE_OPTIONS.has(token.keyword)) throw p.fail(token);
  const from = token;
  if (p.acceptOperator('=')) {
    if (p.isOperator('(')) skipParentheses(p);
    else p.next();
    p.accept('SECONDS', 'MINUTES', 'DAYS', 'MONTHS', 'YEARS');
  } else if (p.accept('ON', 'OFF', 'CHECKSUM', 'NONE', 'TORN_PAGE_DETECTION', 'LOCAL', 'GLOBAL', 'SIMPLE', 'FORCED')) {
    if (p.isOperator('(')) skipParentheses(p);
  } else if (p.isOperator('(')) {
    skipParentheses(p);
  }
  return { set: 'ignored', option: p.source(from) };
}
