import type {
  AlterDatabaseStatement,
  AlterTableStatement,
  ColumnElement,
  CreateDatabaseStatement,
  CreateIndexStatement,
  CreateTableStatement,
  DatabaseFileElement,
  DropIndexStatement,
  DropStatement,
  KeyColumn,
  TableElement,
} from '../ast/definition.ts';
import { syntaxError, unsupported } from '../errors.ts';
import type { Token } from '../token.ts';
import { parseCondition, parseExpression } from './expression.ts';
import { toLiteral } from './literal.ts';
import type { Parser } from './parser.ts';
import { parseColumnNames } from './query.ts';
import { span } from './span.ts';
import { parseType } from './type.ts';

export function parseCreateTable(p: Parser, start: Token): CreateTableStatement {
  p.expect('TABLE');
  const name = p.objectName();
  if (p.is('AS')) throw unsupported('CREATE TABLE AS', start.line);
  const elements = parseTableElements(p);
  if (p.accept('ON')) parseFilegroup(p);
  if (p.accept('TEXTIMAGE_ON')) parseFilegroup(p);
  if (p.is('WITH') && p.peek().text === '(') {
    p.next();
    skipParentheses(p);
  }
  return { kind: 'create table', name, elements, ...span(p, start) };
}

function parseFilegroup(p: Parser): void {
  if (p.is('DEFAULT', 'PRIMARY')) p.next();
  else p.identifier();
  if (p.isOperator('(')) throw unsupported('partition schemes', p.token.line);
}

export function skipParentheses(p: Parser): void {
  p.expectOperator('(');
  let depth = 1;
  while (depth > 0) {
    const token = p.next();
    if (token.kind === 'end') throw p.fail(token);
    if (token.kind === 'operator' && token.text === '(') depth += 1;
    if (token.kind === 'operator' && token.text === ')') depth -= 1;
  }
}

export function parseTableElements(p: Parser): (ColumnElement | TableElement)[] {
  p.expectOperator('(');
  const elements: (ColumnElement | TableElement)[] = [];
  do {
    if (p.isOperator(')')) break;
    elements.push(parseTableElement(p));
  } while (p.acceptOperator(','));
  p.expectOperator(')');
  return elements;
}

function parseTableElement(p: Parser): ColumnElement | TableElement {
  const name = p.accept('CONSTRAINT') ? p.identifier() : undefined;
  if (name !== undefined || p.is('PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN')) return parseTableConstraint(p, name);
  if (p.is('INDEX')) {
    p.next();
    const index = p.identifier();
    const unique = p.accept('UNIQUE');
    p.accept('CLUSTERED', 'NONCLUSTERED');
    return { kind: 'key', name: index, key: unique ? 'unique' : 'index', columns: parseKeyColumns(p) };
  }
  if (p.is('PERIOD')) throw unsupported('PERIOD FOR SYSTEM_TIME', p.token.line);
  return parseColumn(p);
}

function parseTableConstraint(p: Parser, name: string | undefined): TableElement {
  const named = name === undefined ? {} : { name };
  if (p.is('PRIMARY', 'UNIQUE')) {
    const key = p.next().keyword === 'PRIMARY' ? (p.expect('KEY'), 'primary' as const) : ('unique' as const);
    p.accept('CLUSTERED', 'NONCLUSTERED');
    const columns = parseKeyColumns(p);
    parseIndexOptions(p);
    return { kind: 'key', key, columns, ...named };
  }
  if (p.accept('CHECK')) return parseCheck(p, named);
  if (p.accept('FOREIGN')) {
    p.expect('KEY');
    const columns = parseColumnNames(p);
    return parseReferences(p, columns, named);
  }
  if (p.accept('DEFAULT')) {
    const text = parseDefault(p);
    p.expect('FOR');
    return { kind: 'default', column: p.identifier(), text, ...named };
  }
  throw p.fail();
}

function parseCheck(p: Parser, named: { name?: string }): TableElement {
  p.acceptSequence('NOT', 'FOR', 'REPLICATION');
  p.expectOperator('(');
  const from = p.token;
  const expression = parseCondition(p);
  const text = `(${p.source(from)})`;
  p.expectOperator(')');
  return { kind: 'check', text, expression, ...named };
}

function parseReferences(p: Parser, columns: readonly string[], named: { name?: string }): TableElement {
  p.expect('REFERENCES');
  const references = p.objectName();
  const referencedColumns = p.isOperator('(') ? parseColumnNames(p) : [];
  while (p.accept('ON')) {
    const event = p.expect('DELETE', 'UPDATE').keyword;
    if (p.accept('NO')) {
      p.expect('ACTION');
      continue;
    }
    throw unsupported(`ON ${event} ${p.next().keyword}`, p.token.line);
  }
  p.acceptSequence('NOT', 'FOR', 'REPLICATION');
  return { kind: 'foreign', columns, references, referencedColumns, ...named };
}

export function parseKeyColumns(p: Parser): KeyColumn[] {
  p.expectOperator('(');
  const columns: KeyColumn[] = [];
  do {
    const name = p.identifier();
    const descending = p.accept('DESC');
    if (!descending) p.accept('ASC');
    columns.push({ name, descending });
  } while (p.acceptOperator(','));
  p.expectOperator(')');
  return columns;
}

function parseIndexOptions(p: Parser): void {
  if (p.is('WITH')) {
    p.next();
    if (p.isOperator('(')) skipParentheses(p);
    else if (p.accept('FILLFACTOR')) {
      p.expectOperator('=');
      p.next();
    } else throw p.fail();
  }
  if (p.accept('ON')) parseFilegroup(p);
}

/** Text of a DEFAULT as the server keeps it: constants in two pairs of parentheses, everything else in one. */
function parseDefault(p: Parser): string {
  const from = p.token;
  const expression = parseExpression(p);
  let text = p.source(from);
  while (text.startsWith('(') && matching(text) === text.length - 1) text = text.slice(1, -1).trim();
  return expression.kind === 'literal' && typeof expression.value !== 'string' ? `((${text}))` : `(${text})`;
}

function matching(text: string): number {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charAt(i);
    if (c === "'") quoted = !quoted;
    if (quoted) continue;
    if (c === '(') depth += 1;
    if (c === ')' && --depth === 0) return i;
  }
  return -1;
}

function parseColumn(p: Parser): ColumnElement {
  const line = p.token.line;
  const name = p.identifier();
  if (p.accept('AS')) {
    const from = p.token;
    const computed = parseExpression(p);
    const computedText = p.source(from);
    if (p.accept('PERSISTED')) p.acceptSequence('NOT', 'NULL');
    const text =
      computedText.startsWith('(') && matching(computedText) === computedText.length - 1
        ? computedText
        : `(${computedText})`;
    return { kind: 'column', name, computed, computedText: text, constraints: [], line };
  }
  const type = parseType(p);
  return { kind: 'column', name, type, line, ...parseColumnOptions(p, name) };
}

type ColumnOptions = Pick<ColumnElement, 'nullable' | 'identity' | 'defaultText' | 'defaultName' | 'constraints'>;

function parseColumnOptions(p: Parser, column: string): ColumnOptions {
  const constraints: TableElement[] = [];
  const options: { -readonly [K in keyof ColumnOptions]: ColumnOptions[K] } = { constraints };
  for (;;) {
    if (p.acceptSequence('NOT', 'NULL')) options.nullable = false;
    else if (p.accept('NULL')) options.nullable = true;
    else if (p.accept('COLLATE')) p.identifier();
    else if (p.accept('SPARSE', 'ROWGUIDCOL')) continue;
    else if (p.acceptSequence('NOT', 'FOR', 'REPLICATION')) continue;
    else if (p.accept('IDENTITY')) options.identity = parseIdentity(p);
    else if (p.is('GENERATED', 'MASKED', 'ENCRYPTED', 'HIDDEN')) throw unsupported(p.token.keyword, p.token.line);
    else {
      const name = p.accept('CONSTRAINT') ? p.identifier() : undefined;
      if (p.accept('DEFAULT')) {
        options.defaultText = parseDefault(p);
        if (name !== undefined) options.defaultName = name;
        if (p.acceptSequence('WITH', 'VALUES')) continue;
        continue;
      }
      const constraint = parseColumnConstraint(p, column, name);
      if (constraint === undefined) {
        if (name !== undefined) throw p.fail();
        return options;
      }
      constraints.push(constraint);
    }
  }
}

function parseIdentity(p: Parser): { seed: bigint; increment: bigint } {
  if (!p.acceptOperator('(')) return { seed: 1n, increment: 1n };
  const seed = signedInteger(p);
  p.expectOperator(',');
  const increment = signedInteger(p);
  p.expectOperator(')');
  return { seed, increment };
}

function signedInteger(p: Parser): bigint {
  const negative = p.acceptOperator('-');
  if (p.token.kind !== 'number' || !/^\d+$/.test(p.token.text)) throw p.fail();
  const value = BigInt(p.next().text);
  return negative ? -value : value;
}

function parseColumnConstraint(p: Parser, column: string, name: string | undefined): TableElement | undefined {
  const named = name === undefined ? {} : { name };
  if (p.is('PRIMARY', 'UNIQUE')) {
    const key = p.next().keyword === 'PRIMARY' ? (p.expect('KEY'), 'primary' as const) : ('unique' as const);
    p.accept('CLUSTERED', 'NONCLUSTERED');
    const columns = p.isOperator('(') ? parseKeyColumns(p) : [{ name: column, descending: false }];
    parseIndexOptions(p);
    return { kind: 'key', key, columns, ...named };
  }
  if (p.accept('CHECK')) return parseCheck(p, named);
  if (p.acceptSequence('FOREIGN', 'KEY') || p.is('REFERENCES')) return parseReferences(p, [column], named);
  if (p.is('INDEX')) {
    p.next();
    const index = p.identifier();
    const unique = p.accept('UNIQUE');
    p.accept('CLUSTERED', 'NONCLUSTERED');
    return {
      kind: 'key',
      name: index,
      key: unique ? 'unique' : 'index',
      columns: [{ name: column, descending: false }],
    };
  }
  return undefined;
}

export function parseAlterTable(p: Parser, start: Token): AlterTableStatement {
  p.expect('TABLE');
  const name = p.objectName();
  return { kind: 'alter table', name, action: parseTableAction(p), ...span(p, start) };
}

function parseTableAction(p: Parser): AlterTableStatement['action'] {
  if (p.is('WITH') && ['CHECK', 'NOCHECK'].includes(p.peek().keyword)) {
    p.next();
    p.next();
  }
  if (p.accept('ADD')) {
    const elements: (ColumnElement | TableElement)[] = [];
    do {
      if (p.is('DEFAULT')) elements.push(parseTableConstraint(p, undefined));
      else elements.push(parseTableElement(p));
    } while (p.acceptOperator(','));
    return { kind: 'add', elements };
  }
  if (p.acceptSequence('ALTER', 'COLUMN')) {
    const line = p.token.line;
    const name = p.identifier();
    if (p.is('ADD', 'DROP')) throw unsupported('ALTER COLUMN ADD | DROP', line);
    const type = parseType(p);
    return { kind: 'alter column', column: { kind: 'column', name, type, line, ...parseColumnOptions(p, name) } };
  }
  if (p.accept('DROP')) {
    const items: { column: boolean; name: string }[] = [];
    let column = false;
    let ifExists = false;
    do {
      if (p.accept('COLUMN')) column = true;
      else if (p.accept('CONSTRAINT')) column = false;
      if (p.acceptSequence('IF', 'EXISTS')) ifExists = true;
      items.push({ column, name: p.identifier() });
    } while (p.acceptOperator(','));
    return { kind: 'drop', items, ifExists };
  }
  if (p.accept('REBUILD')) {
    if (p.is('WITH')) {
      p.next();
      skipParentheses(p);
    }
    return { kind: 'rebuild' };
  }
  if (p.is('CHECK', 'NOCHECK', 'ENABLE', 'DISABLE', 'SWITCH', 'SET')) {
    throw unsupported(`ALTER TABLE ${p.token.keyword}`, p.token.line);
  }
  throw p.fail();
}

export function parseCreateIndex(p: Parser, start: Token): CreateIndexStatement {
  const unique = p.accept('UNIQUE');
  p.accept('CLUSTERED', 'NONCLUSTERED');
  if (p.is('COLUMNSTORE')) throw unsupported('COLUMNSTORE INDEX', start.line);
  p.expect('INDEX');
  const name = p.identifier();
  p.expect('ON');
  const table = p.objectName();
  const columns = parseKeyColumns(p);
  if (p.accept('INCLUDE')) parseColumnNames(p);
  if (p.is('WHERE')) throw unsupported('filtered indexes', p.token.line);
  parseIndexOptions(p);
  return { kind: 'create index', name, table, unique, columns, ...span(p, start) };
}

export function parseDrop(p: Parser): DropStatement | DropIndexStatement {
  const start = p.expect('DROP');
  if (p.is('INDEX')) return parseDropIndex(p, start);
  const word = p.next();
  const object = word.keyword === 'PROC' ? 'PROCEDURE' : word.keyword;
  const known = ['TABLE', 'VIEW', 'PROCEDURE', 'FUNCTION', 'TRIGGER', 'SCHEMA', 'USER', 'ROLE', 'LOGIN', 'DATABASE'];
  if (!known.includes(object)) {
    if (word.kind === 'word' && p.isIdentifier()) throw unsupported(`DROP ${word.keyword}`, start.line);
    throw p.fail(word);
  }
  const ifExists = p.acceptSequence('IF', 'EXISTS');
  const names = [];
  do names.push(p.objectName());
  while (p.acceptOperator(','));
  return { kind: 'drop', object: object as DropStatement['object'], names, ifExists, ...span(p, start) };
}

function parseDropIndex(p: Parser, start: Token): DropIndexStatement {
  p.expect('INDEX');
  const ifExists = p.acceptSequence('IF', 'EXISTS');
  const indexes: { name: string; table: ReturnType<Parser['objectName']> }[] = [];
  do {
    const parts = p.nameParts();
    const name = parts.at(-1) as string;
    if (p.accept('ON')) {
      indexes.push({ name, table: p.objectName() });
    } else if (parts.length > 1) {
      const [table, schema] = parts.slice(0, -1).reverse();
      indexes.push({ name, table: { name: table as string, ...(schema ? { schema } : {}) } });
    } else {
      throw syntaxError(159, 'Must specify the table name and index name for the DROP INDEX statement.', start.line);
    }
  } while (p.acceptOperator(','));
  if (p.is('WITH')) {
    p.next();
    skipParentheses(p);
  }
  return { kind: 'drop index', indexes, ifExists, ...span(p, start) };
}

// -------------------------------------------------------------------------------------------------- databases

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
