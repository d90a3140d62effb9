import type {
  AlterTableStatement,
  ColumnElement,
  CreateIndexStatement,
  DropIndexStatement,
  DropStatement,
  TableElement,
} from '../ast/definition.ts';
import { syntaxError, unsupported } from '../errors.ts';
import type { Token } from '../token.ts';
import {
  parseColumnOptions,
  parseIndexOptions,
  parseKeyColumns,
  parseTableConstraint,
  parseTableElement,
  skipParentheses,
} from './definition.ts';
import type { Parser } from './parser.ts';
import { parseColumnNames } from './query.ts';
import { span } from './span.ts';
import { parseType } from './type.ts';

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
