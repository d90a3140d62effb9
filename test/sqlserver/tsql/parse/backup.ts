import type {
  BackupAst,
  DbccStatement,
  DeviceElement,
  OptionElement,
  RestoreAst,
  RestoreInfoAst,
} from '../ast/backup.ts';
import type { Expression } from '../ast/expression.ts';
import { syntaxError, unsupported } from '../errors.ts';
import { parseExpression } from './expression.ts';
import { parseOperand } from './control.ts';
import { skipParentheses } from './definition.ts';
import { stringLiteral } from './literal.ts';
import type { Token } from '../token.ts';
import type { Parser } from './parser.ts';
import { span } from './span.ts';

/** BACKUP (Transact-SQL), WITH options; the value says whether `= value` follows. */
const BACKUP_OPTIONS: Readonly<Record<string, 'bare' | 'value' | 'optional'>> = {
  DIFFERENTIAL: 'bare',
  COPY_ONLY: 'bare',
  COMPRESSION: 'bare',
  NO_COMPRESSION: 'bare',
  CHECKSUM: 'bare',
  NO_CHECKSUM: 'bare',
  STOP_ON_ERROR: 'bare',
  CONTINUE_AFTER_ERROR: 'bare',
  INIT: 'bare',
  NOINIT: 'bare',
  FORMAT: 'bare',
  NOFORMAT: 'bare',
  SKIP: 'bare',
  NOSKIP: 'bare',
  REWIND: 'bare',
  NOREWIND: 'bare',
  UNLOAD: 'bare',
  NOUNLOAD: 'bare',
  RESTART: 'bare',
  NORECOVERY: 'bare',
  NO_TRUNCATE: 'bare',
  FILE_SNAPSHOT: 'bare',
  STATS: 'optional',
  DESCRIPTION: 'value',
  NAME: 'value',
  MEDIANAME: 'value',
  MEDIADESCRIPTION: 'value',
  PASSWORD: 'value',
  MEDIAPASSWORD: 'value',
  EXPIREDATE: 'value',
  RETAINDAYS: 'value',
  BLOCKSIZE: 'value',
  BUFFERCOUNT: 'value',
  MAXTRANSFERSIZE: 'value',
  STANDBY: 'value',
  CREDENTIAL: 'value',
  BACKUP_OPTIONS: 'value',
};

/** RESTORE Arguments (Transact-SQL). */
const RESTORE_OPTIONS: Readonly<Record<string, 'bare' | 'value' | 'optional'>> = {
  RECOVERY: 'bare',
  NORECOVERY: 'bare',
  STANDBY: 'value',
  REPLACE: 'bare',
  RESTART: 'bare',
  RESTRICTED_USER: 'bare',
  CHECKSUM: 'bare',
  NO_CHECKSUM: 'bare',
  STOP_ON_ERROR: 'bare',
  CONTINUE_AFTER_ERROR: 'bare',
  KEEP_REPLICATION: 'bare',
  KEEP_CDC: 'bare',
  KEEP_TEMPORAL_RETENTION: 'bare',
  ENABLE_BROKER: 'bare',
  NEW_BROKER: 'bare',
  ERROR_BROKER_CONVERSATIONS: 'bare',
  REWIND: 'bare',
  NOREWIND: 'bare',
  UNLOAD: 'bare',
  NOUNLOAD: 'bare',
  LOADHISTORY: 'bare',
  PARTIAL: 'bare',
  STATS: 'optional',
  FILE: 'value',
  PASSWORD: 'value',
  MEDIAPASSWORD: 'value',
  MEDIANAME: 'value',
  BLOCKSIZE: 'value',
  BUFFERCOUNT: 'value',
  MAXTRANSFERSIZE: 'value',
  CREDENTIAL: 'value',
  RESTORE_OPTIONS: 'value',
  METADATA_ONLY: 'bare',
  STOPAT: 'value',
  STOPATMARK: 'value',
  STOPBEFOREMARK: 'value',
  MOVE: 'value',
};

export function parseBackup(p: Parser): BackupAst {
  const start = p.expect('BACKUP', 'DUMP');
  if (!p.is('DATABASE', 'LOG', 'TRAN', 'TRANSACTION')) {
    if (p.is('CERTIFICATE', 'MASTER', 'SERVICE', 'SYMMETRIC'))
      throw unsupported(`BACKUP ${p.token.keyword}`, start.line);
    throw p.fail();
  }
  const target = p.next().keyword === 'DATABASE' ? 'database' : 'log';
  const database = databaseName(p);
  if (p.is('FILE', 'FILEGROUP', 'READ_WRITE_FILEGROUPS')) throw unsupported(`BACKUP … ${p.token.keyword}`, start.line);
  p.expect('TO');
  const devices = parseDevices(p);
  if (p.is('MIRROR')) throw unsupported('BACKUP … MIRROR TO', start.line);
  const options = p.accept('WITH') ? parseOptions(p, 'BACKUP') : [];
  return { kind: 'backup', target, database, devices, options, ...span(p, start) };
}

export function parseRestore(p: Parser): RestoreAst | RestoreInfoAst {
  const start = p.expect('RESTORE', 'LOAD');
  const word = p.next();
  switch (word.keyword) {
    case 'DATABASE':
    case 'LOG':
    case 'TRAN':
    case 'TRANSACTION': {
      const target = word.keyword === 'DATABASE' ? 'database' : 'log';
      const database = databaseName(p);
      if (p.is('FILE', 'FILEGROUP', 'PAGE', 'READ_WRITE_FILEGROUPS')) {
        throw unsupported(`RESTORE … ${p.token.keyword}`, start.line);
      }
      if (p.is('FROM') && p.peek().keyword === 'DATABASE_SNAPSHOT') {
        throw unsupported('RESTORE … FROM DATABASE_SNAPSHOT', start.line);
      }
      const devices = p.accept('FROM') ? parseDevices(p) : [];
      const options = p.accept('WITH') ? parseOptions(p, 'RESTORE') : [];
      return { kind: 'restore', target, database, devices, options, ...span(p, start) };
    }
    case 'HEADERONLY':
    case 'FILELISTONLY':
    case 'LABELONLY':
    case 'VERIFYONLY': {
      p.expect('FROM');
      const devices = parseDevices(p);
      const options = p.accept('WITH') ? parseOptions(p, 'RESTORE') : [];
      const target = word.keyword.toLowerCase() as RestoreInfoAst['target'];
      return { kind: 'restore info', target, devices, options, ...span(p, start) };
    }
    case 'REWINDONLY':
    case 'CERTIFICATE':
    case 'MASTER':
    case 'SERVICE':
    case 'SYMMETRIC':
      throw unsupported(`RESTORE ${word.keyword}`, start.line);
    default:
      throw p.fail(word);
  }
}

function databaseName(p: Parser): Expression {
  if (p.token.kind === 'variable') return { kind: 'variable', name: p.useScalar(p.next()) };
  return stringLiteral(p.identifier(), true);
}

function parseDevices(p: Parser): DeviceElement[] {
  const devices: DeviceElement[] = [];
  do {
    if (p.is('DISK', 'URL', 'TAPE', 'VIRTUAL_DEVICE')) {
      const token = p.next();
      if (token.keyword === 'TAPE' || token.keyword === 'VIRTUAL_DEVICE') throw unsupported(token.keyword, token.line);
      p.expectOperator('=');
      devices.push({ type: token.keyword as 'DISK' | 'URL', path: stringOperand(p) });
    } else if (p.token.kind === 'variable') {
      devices.push({ type: 'LOGICAL', path: { kind: 'variable', name: p.useScalar(p.next()) } });
    } else {
      devices.push({ type: 'LOGICAL', path: stringLiteral(p.identifier(), true) });
    }
  } while (p.acceptOperator(','));
  return devices;
}

function stringOperand(p: Parser): Expression {
  if (p.token.kind !== 'string' && p.token.kind !== 'variable') throw p.fail();
  return parseOperand(p);
}

function parseOptions(p: Parser, statement: 'BACKUP' | 'RESTORE'): OptionElement[] {
  const known = statement === 'BACKUP' ? BACKUP_OPTIONS : RESTORE_OPTIONS;
  const options: OptionElement[] = [];
  do {
    const token = p.next();
    if (token.kind !== 'word') throw p.fail(token);
    const name = token.keyword;
    if (statement === 'BACKUP' && (name === 'ENCRYPTION' || name === 'METADATA_ONLY')) {
      throw unsupported(`BACKUP … WITH ${name}`, token.line);
    }
    const form = Object.hasOwn(known, name) ? known[name] : undefined;
    if (form === undefined) {
      throw syntaxError(155, `'${token.text}' is not a recognized ${statement} option.`, token.line);
    }
    options.push(parseOption(p, name, form, token.line));
  } while (p.acceptOperator(','));
  return options;
}

function parseOption(p: Parser, name: string, form: 'bare' | 'value' | 'optional', line: number): OptionElement {
  if (name === 'COMPRESSION' && p.isOperator('(')) skipParentheses(p);
  if (name === 'MOVE') {
    const value = parseOperand(p);
    p.expect('TO');
    return { name, value, second: parseOperand(p), line };
  }
  if (form === 'bare' || (form === 'optional' && !p.isOperator('='))) return { name, line };
  p.expectOperator('=');
  const value = parseOperand(p);
  if ((name === 'STOPATMARK' || name === 'STOPBEFOREMARK') && p.accept('AFTER')) {
    return { name, value, second: parseOperand(p), line };
  }
  return { name, value, line };
}

export function parseDbcc(p: Parser): DbccStatement {
  const start = p.expect('DBCC');
  const command = p.next();
  if (command.kind !== 'word') throw p.fail(command);
  const args: Expression[] = [];
  if (p.acceptOperator('(')) {
    if (!p.isOperator(')')) {
      do args.push(isName(p.token) && p.peek().text !== '(' ? bareArgument(p) : parseExpression(p));
      while (p.acceptOperator(','));
    }
    p.expectOperator(')');
  }
  const options: string[] = [];
  if (p.accept('WITH')) {
    do {
      options.push(p.next().keyword);
      if (p.acceptOperator('=')) p.next();
    } while (p.acceptOperator(','));
  }
  return { kind: 'dbcc', command: command.keyword, args, options, ...span(p, start) };
}

const isName = ({ kind }: Token): boolean => kind === 'word' || kind === 'quoted';

/** DBCC CHECKDB (master), DBCC CHECKIDENT (t, RESEED): words and delimited names stand for themselves. */
function bareArgument(p: Parser): Expression {
  if (p.accept('NULL')) return { kind: 'null' };
  return stringLiteral(p.nameParts(p.next().value).join('.'), true);
}
