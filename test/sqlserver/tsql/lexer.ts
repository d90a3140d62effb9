import { syntaxError } from './errors.ts';
import type { Token, TokenKind } from './token.ts';

const WORD_START = /[\p{L}_#]/u;
const WORD_PART = /[\p{L}\p{Nd}_#@$]/u;
const TWO_CHARACTER = new Set([
  '<>',
  '<=',
  '>=',
  '!=',
  '!<',
  '!>',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
  '::',
]);
const ONE_CHARACTER = new Set('+-*/%&|^~=<>!(),.;:'.split(''));
const CURRENCY = new Set('$£€¥¤'.split(''));

export interface LexerOptions {
  /** SET QUOTED_IDENTIFIER: "x" is an identifier (ON) or a string (OFF). */
  readonly quotedIdentifier: boolean;
}

/** Turns a batch into tokens, the last one of kind `end`. Comments disappear; /* … *\/ nest. */
export function tokenize(text: string, options: LexerOptions = { quotedIdentifier: true }): readonly Token[] {
  return new Lexer(text, options.quotedIdentifier).run();
}

class Lexer {
  readonly #text: string;
  readonly #quotedIdentifier: boolean;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;

  constructor(text: string, quotedIdentifier: boolean) {
    this.#text = text;
    this.#quotedIdentifier = quotedIdentifier;
  }

  run(): readonly Token[] {
    while (this.#skipBlank()) this.#next();
    this.#push('end', this.#at, '');
    return this.#tokens;
  }

  #next(): void {
    const text = this.#text;
    const start = this.#at;
    const c = text.charAt(start);
    if (c === "'") return this.#string(start, start + 1, false);
    if ((c === 'N' || c === 'n') && text.charAt(start + 1) === "'") return this.#string(start, start + 2, true);
    if (c === '[') return this.#delimited(start, ']');
    if (c === '"') {
      if (this.#quotedIdentifier) return this.#delimited(start, '"');
      return this.#string(start, start + 1, false, '"');
    }
    if (c === '@') return this.#variable(start);
    if (isDigit(c) || (c === '.' && isDigit(text.charAt(start + 1)))) return this.#number(start);
    if (isWordStart(c)) return this.#word(start);
    if (c === '$' && isWordStart(text.charAt(start + 1))) return this.#word(start);
    if (CURRENCY.has(c)) return this.#money(start);
    const two = text.slice(start, start + 2);
    if (TWO_CHARACTER.has(two)) return this.#operator(start, 2);
    if (ONE_CHARACTER.has(c)) return this.#operator(start, 1);
    throw syntaxError(102, `Incorrect syntax near '${c}'.`, this.#line);
  }

  /** false at the end of the text. */
  #skipBlank(): boolean {
    const text = this.#text;
    for (;;) {
      const c = text.charCodeAt(this.#at);
      if (Number.isNaN(c)) return false;
      if (c === 10) {
        this.#line += 1;
        this.#at += 1;
      } else if (c <= 32 || c === 0xa0 || c === 0xfeff || c === 0x2028 || c === 0x3000) {
        this.#at += 1;
      } else if (c === 45 && text.charCodeAt(this.#at + 1) === 45) {
        const end = text.indexOf('\n', this.#at);
        this.#at = end < 0 ? text.length : end;
      } else if (c === 47 && text.charCodeAt(this.#at + 1) === 42) {
        this.#comment();
      } else {
        return true;
      }
    }
  }

  #comment(): void {
    const text = this.#text;
    let depth = 0;
    do {
      if (this.#at >= text.length) throw syntaxError(113, "Missing end comment mark '*/'.", this.#line);
      const two = text.slice(this.#at, this.#at + 2);
      if (two === '/*' || two === '*/') {
        depth += two === '/*' ? 1 : -1;
        this.#at += 2;
      } else {
        if (text.charCodeAt(this.#at) === 10) this.#line += 1;
        this.#at += 1;
      }
    } while (depth > 0);
  }

  #string(start: number, from: number, national: boolean, quote = "'"): void {
    const text = this.#text;
    const line = this.#line;
    let value = '';
    let at = from;
    for (;;) {
      const end = text.indexOf(quote, at);
      if (end < 0) {
        const rest = text.slice(from);
        throw syntaxError(105, `Unclosed quotation mark after the character string '${rest}'.`, line);
      }
      value += text.slice(at, end);
      if (text.charAt(end + 1) !== quote) {
        at = end + 1;
        break;
      }
      value += quote;
      at = end + 2;
    }
    // A backslash before a line break continues the string on the next line.
    if (value.includes('\\')) value = value.replace(/\\\r?\n/g, '');
    this.#at = at;
    this.#countLines(start, at);
    this.#push('string', start, value, { line, national });
  }

  #delimited(start: number, close: string): void {
    const text = this.#text;
    const line = this.#line;
    let value = '';
    let at = start + 1;
    for (;;) {
      const end = text.indexOf(close, at);
      if (end < 0) {
        throw syntaxError(105, `Unclosed quotation mark after the character string '${text.slice(start + 1)}'.`, line);
      }
      value += text.slice(at, end);
      at = end + 1;
      if (text.charAt(at) !== close) break;
      value += close;
      at += 1;
    }
    if (value === '') {
      throw syntaxError(
        1038,
        'An object or column name is missing or empty. For SELECT INTO statements, verify each column has a name. For other statements, look for empty alias names. Aliases defined as "" or [] are not allowed. Change the alias to a valid name.',
        line,
        15,
        4,
      );
    }
    if (value.length > 128) {
      throw syntaxError(
        103,
        `The identifier that starts with '${value.slice(0, 128)}' is too long. Maximum length is 128.`,
        line,
        15,
        4,
      );
    }
    this.#at = at;
    this.#countLines(start, at);
    this.#push('quoted', start, value, { line });
  }

  #variable(start: number): void {
    this.#at = start + 1;
    while (this.#at < this.#text.length && isWordPart(this.#text.charAt(this.#at))) this.#at += 1;
    this.#push('variable', start, this.#text.slice(start, this.#at));
  }

  #word(start: number): void {
    this.#at = start + 1;
    while (this.#at < this.#text.length && isWordPart(this.#text.charAt(this.#at))) this.#at += 1;
    const value = this.#text.slice(start, this.#at);
    if (value.length > 128) {
      throw syntaxError(
        103,
        `The identifier that starts with '${value.slice(0, 128)}' is too long. Maximum length is 128.`,
        this.#line,
        15,
        4,
      );
    }
    this.#push('word', start, value, { keyword: value.toUpperCase() });
  }

  #number(start: number): void {
    const text = this.#text;
    if (text.charAt(start) === '0' && /[xX]/.test(text.charAt(start + 1))) {
      this.#at = start + 2;
      while (/[0-9a-fA-F]/.test(text.charAt(this.#at))) this.#at += 1;
      this.#push('hex', start, text.slice(start + 2, this.#at));
      return;
    }
    const match = /^(\d+\.?\d*|\.\d+)([eE][+-]?\d*)?/.exec(text.slice(start, start + 400));
    const length = match?.[0].length ?? 1;
    this.#at = start + length;
    this.#push('number', start, text.slice(start, this.#at));
  }

  #money(start: number): void {
    const match = /^[+-]?(\d[\d,]*\.?\d*|\.\d+)?/.exec(this.#text.slice(start + 1, start + 60));
    this.#at = start + 1 + (match?.[0].length ?? 0);
    this.#push('money', start, this.#text.slice(start + 1, this.#at).replaceAll(',', ''));
  }

  #operator(start: number, length: number): void {
    this.#at = start + length;
    this.#push('operator', start, this.#text.slice(start, this.#at));
  }

  #countLines(from: number, to: number): void {
    for (let i = from; i < to; i += 1) if (this.#text.charCodeAt(i) === 10) this.#line += 1;
  }

  #push(kind: TokenKind, start: number, value: string, more: Partial<Token> = {}): void {
    this.#tokens.push({
      kind,
      text: this.#text.slice(start, this.#at),
      value,
      keyword: '',
      national: false,
      line: this.#line,
      start,
      end: this.#at,
      ...more,
    });
  }
}

function isDigit(c: string): boolean {
  return c >= '0' && c <= '9';
}

function isWordStart(c: string): boolean {
  return (
    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c === '_' || c === '#' || (c > '\x7f' && WORD_START.test(c))
  );
}

function isWordPart(c: string): boolean {
  return (
    (c >= 'a' && c <= 'z') ||
    (c >= 'A' && c <= 'Z') ||
    (c >= '0' && c <= '9') ||
    c === '_' ||
    c === '@' ||
    c === '#' ||
    c === '$' ||
    (c > '\x7f' && WORD_PART.test(c))
  );
}
