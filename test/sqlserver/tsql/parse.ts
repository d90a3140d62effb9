import { SqlError, type SqlType } from '../contracts.ts';
import type { Batch, Statement } from './ast/statement.ts';
import { syntaxError } from './errors.ts';
import type { ProcedureParameter } from './ast/procedure.ts';
import { tokenize } from './lexer.ts';
import { Parser } from './parse/parser.ts';
import { parseParameter } from './parse/procedure.ts';
import { parseStatements } from './parse/statement.ts';

export interface ParseOptions {
  readonly quotedIdentifier?: boolean;
  /** Variables that exist before the batch: parameters of sp_executesql and of prepared statements, with @. */
  readonly parameters?: ReadonlyMap<string, SqlType>;
}

/** Parses a whole batch. @throws SqlError class 15 with line and near text; nothing of the batch may run then. */
export function parse(text: string, options: ParseOptions = {}): Batch {
  const p = new Parser(text, tokenize(text, { quotedIdentifier: options.quotedIdentifier ?? true }));
  for (const [name, type] of options.parameters ?? []) p.scalars.set(name.toLowerCase(), type);
  const statements = parseAll(p);
  if (p.errors.length > 0) throw new SqlError(...p.errors);
  return { text, statements, declarations: { scalars: p.scalars, tables: p.tables } };
}

function parseAll(p: Parser): Statement[] {
  try {
    return parseStatements(p, () => p.token.kind === 'end');
  } catch (error) {
    // The parser is recursive: what nests deeper than the stack is too deep for the server as well.
    if (!(error instanceof RangeError)) throw error;
    throw syntaxError(
      191,
      'Some part of your SQL statement is nested too deeply. Rewrite the query or break it up into smaller queries.',
      p.token.line,
    );
  }
}

/** The @params text of sp_executesql and sp_prepare: `@a int, @b nvarchar(20) OUTPUT`. */
export function parseParameters(text: string): readonly ProcedureParameter[] {
  const p = new Parser(text, tokenize(text));
  const parameters: ProcedureParameter[] = [];
  if (p.token.kind !== 'end') {
    do parameters.push(parseParameter(p));
    while (p.acceptOperator(','));
  }
  if (p.token.kind !== 'end') throw p.fail();
  if (p.errors.length > 0) throw new SqlError(...p.errors);
  return parameters;
}
