import { SqlError, type SqlMessage, type SqlType } from '../../contracts.ts';
import type { ColumnElement, TableElement } from '../ast/definition.ts';
import { incorrectKeyword, incorrectSyntax } from '../errors.ts';
import { RESERVED } from '../keywords.ts';
import type { ObjectName } from '../ast/name.ts';
import type { Token } from '../token.ts';

/** The tokens of one batch and what the grammar has to remember: declared variables and compile errors found so far. */
export class Parser {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** Lower case, with @. */
  scalars = new Map<string, SqlType>();
  tables = new Map<string, readonly (ColumnElement | TableElement)[]>();
  /** Errors that do not stop the parse: undeclared variables. */
  readonly errors: SqlMessage[] = [];
  /** Number of enclosing loops, for BREAK and CONTINUE. */
  loops = 0;
  #at = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.text = text;
    this.tokens = tokens;
  }

  get token(): Token {
    return this.tokens[this.#at] as Token;
  }

  get position(): number {
    return this.#at;
  }

  peek(distance = 1): Token {
    return this.tokens[Math.min(this.#at + distance, this.tokens.length - 1)] as Token;
  }

  previous(): Token {
    return this.tokens[Math.max(this.#at - 1, 0)] as Token;
  }

  next(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  rewind(position: number): void {
    this.#at = position;
  }

  /** Runs `first`; when that fails, `second` from the same place. The error that got further wins. */
  either<T>(first: () => T, second: () => T): T {
    const start = this.#at;
    const known = this.errors.length;
    try {
      return first();
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      const reached = this.#at;
      this.#at = start;
      this.errors.length = known;
      try {
        return second();
      } catch (other) {
        if (!(other instanceof SqlError)) throw other;
        throw this.#at >= reached ? other : error;
      }
    }
  }

  is(...keywords: readonly string[]): boolean {
    const keyword = this.token.keyword;
    return keyword !== '' && keywords.includes(keyword);
  }

  isSequence(...keywords: readonly string[]): boolean {
    return keywords.every((keyword, i) => this.peek(i).keyword === keyword);
  }

  isOperator(...operators: readonly string[]): boolean {
    return this.token.kind === 'operator' && operators.includes(this.token.text);
  }

  accept(...keywords: readonly string[]): boolean {
    if (!this.is(...keywords)) return false;
    this.next();
    return true;
  }

  acceptSequence(...keywords: readonly string[]): boolean {
    if (!this.isSequence(...keywords)) return false;
    for (const _ of keywords) this.next();
    return true;
  }

  acceptOperator(...operators: readonly string[]): boolean {
    if (!this.isOperator(...operators)) return false;
    this.next();
    return true;
  }

  expect(...keywords: readonly string[]): Token {
    if (!this.is(...keywords)) throw this.fail();
    return this.next();
  }

  expectOperator(operator: string): Token {
    if (!this.isOperator(operator)) throw this.fail();
    return this.next();
  }

  /** The error the server gives for this token (or, at the end of the batch, for the last one). */
  fail(token: Token = this.token): SqlError {
    if (token.kind === 'end') {
      const last = this.tokens.at(-2);
      return incorrectSyntax(last === undefined ? '' : describe(last), last?.line ?? token.line);
    }
    if (token.kind === 'word' && RESERVED.has(token.keyword)) return incorrectKeyword(token.text, token.line);
    return incorrectSyntax(describe(token), token.line);
  }

  isIdentifier(token: Token = this.token): boolean {
    return token.kind === 'quoted' || (token.kind === 'word' && !RESERVED.has(token.keyword));
  }

  identifier(): string {
    if (!this.isIdentifier()) throw this.fail();
    return this.next().value;
  }

  /** Name parts separated by dots; an omitted part (db..table) is ''. */
  nameParts(first: string = this.identifier()): string[] {
    const parts = [first];
    while (this.isOperator('.')) {
      this.next();
      if (this.isOperator('.')) {
        parts.push('');
        continue;
      }
      // After a dot every word is a name, reserved or not.
      if (this.token.kind !== 'word' && this.token.kind !== 'quoted') throw this.fail();
      parts.push(this.next().value);
    }
    return parts;
  }

  objectName(): ObjectName {
    const token = this.token;
    const parts = this.nameParts();
    if (parts.length > 4) {
      throw new SqlError({
        number: 117,
        class: 15,
        state: 1,
        text: `The object name '${parts.join('.')}' contains more than the maximum number of prefixes. The maximum is 3.`,
        line: token.line,
      });
    }
    return toObjectName(parts);
  }

  /** Text of the source between two tokens, as kept for defaults, checks and modules. */
  source(from: Token, to: Token = this.previous()): string {
    return this.text.slice(from.start, to.end);
  }

  declareScalar(name: string, type: SqlType, line: number): void {
    const key = name.toLowerCase();
    if (this.scalars.has(key) || this.tables.has(key)) this.#duplicate(name, line);
    this.scalars.set(key, type);
  }

  declareTable(name: string, elements: readonly (ColumnElement | TableElement)[], line: number): void {
    const key = name.toLowerCase();
    if (this.scalars.has(key) || this.tables.has(key)) this.#duplicate(name, line);
    this.tables.set(key, elements);
  }

  #duplicate(name: string, line: number): void {
    this.errors.push({
      number: 134,
      class: 15,
      state: 1,
      text: `The variable name '${name}' has already been declared. Variable names must be unique within a query batch or stored procedure.`,
      line,
    });
  }

  useScalar(token: Token, assigned = false): string {
    const name = token.value;
    if (!this.scalars.has(name.toLowerCase())) {
      this.errors.push({
        number: 137,
        class: 15,
        state: assigned ? 1 : 2,
        text: `Must declare the scalar variable "${name}".`,
        line: token.line,
      });
    }
    return name;
  }

  useTable(token: Token): string {
    const name = token.value;
    if (!this.tables.has(name.toLowerCase())) {
      this.errors.push({
        number: 1087,
        class: 15,
        state: 2,
        text: `Must declare the table variable "${name}".`,
        line: token.line,
      });
    }
    return name;
  }
}

export function toObjectName(parts: readonly string[]): ObjectName {
  const [name, schema, database, server] = [...parts].reverse();
  return {
    name: name ?? '',
    ...(schema ? { schema } : {}),
    ...(database ? { database } : {}),
    ...(server ? { server } : {}),
  };
}

function describe(token: Token): string {
  return token.kind === 'string' || token.kind === 'quoted' ? token.value : token.text;
}
