import type { ColumnElement, CreateTableStatement, KeyColumn, TableElement } from '../ast/definition.ts';
import { unsupported } from '../errors.ts';
import type { Token } from '../token.ts';
import { parseCondition } from './condition.ts';
import { parseExpression } from './expression.ts';
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

export function parseTableElement(p: Parser): ColumnElement | TableElement {
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

export function parseTableConstraint(p: Parser, name: string | undefined): TableElement {
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

export function parseIndexOptions(p: Parser): void {
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

export function parseColumnOptions(p: Parser, column: string): ColumnOptions {
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

// -------------------------------------------------------------------------------------------------- databases
