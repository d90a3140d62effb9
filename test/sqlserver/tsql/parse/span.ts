import type { StatementBase } from '../ast/base.ts';
import type { Token } from '../token.ts';
import type { Parser } from './parser.ts';

/** From the statement's first token to the one before the current. */
export function span(p: Parser, start: Token): StatementBase {
  return { line: start.line, start: start.start, end: p.previous().end };
}
