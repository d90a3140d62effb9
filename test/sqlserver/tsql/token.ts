export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'hex' | 'money' | 'variable' | 'operator' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Source text as error messages quote it. */
  readonly text: string;
  /** Identifier without its quotes, string without its quotes, else the text. */
  readonly value: string;
  /** Upper-case value of a word; '' for everything that cannot be a keyword. */
  readonly keyword: string;
  /** N'…' */
  readonly national: boolean;
  readonly line: number;
  readonly start: number;
  readonly end: number;
}
