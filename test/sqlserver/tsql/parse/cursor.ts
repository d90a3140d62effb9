import type { CursorStatement, FetchStatement } from '../ast/control.ts';
import type { Expression } from '../ast/expression.ts';
import type { Statement } from '../ast/statement.ts';
import { unsupported } from '../errors.ts';
import type { Token } from '../token.ts';
import { parseExpression } from './expression.ts';
import type { Parser } from './parser.ts';
import { parseQuery } from './query.ts';
import { span } from './span.ts';

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

export function parseCursor(p: Parser, start: Token, name: string): CursorStatement {
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
