import type { SqlType } from '../../contracts.ts';
import type { StatementBase } from './base.ts';
import type { ColumnElement, TableElement } from './definition.ts';
import type { Expression } from './expression.ts';
import type { ObjectName } from './name.ts';
import type { AssignOperator, Query } from './query.ts';
import type { Statement } from './statement.ts';

export interface BlockStatement extends StatementBase {
  readonly kind: 'block';
  readonly body: readonly Statement[];
}

export interface IfStatement extends StatementBase {
  readonly kind: 'if';
  readonly condition: Expression;
  readonly then: Statement;
  readonly otherwise?: Statement;
}

export interface WhileStatement extends StatementBase {
  readonly kind: 'while';
  readonly condition: Expression;
  readonly body: Statement;
}

export interface TryStatement extends StatementBase {
  readonly kind: 'try';
  readonly body: readonly Statement[];
  readonly handler: readonly Statement[];
}

export interface DeclareStatement extends StatementBase {
  readonly kind: 'declare';
  readonly items: readonly (
    | { readonly kind: 'scalar'; readonly name: string; readonly type: SqlType; readonly initial?: Expression }
    | { readonly kind: 'table'; readonly name: string; readonly elements: readonly (ColumnElement | TableElement)[] }
    | { readonly kind: 'cursor'; readonly name: string }
  )[];
}

export interface SetVariableStatement extends StatementBase {
  readonly kind: 'set variable';
  readonly name: string;
  readonly operator: AssignOperator;
  readonly value: Expression;
}

export interface SetOptionStatement extends StatementBase {
  readonly kind: 'set option';
  /** Upper case; several for `SET ANSI_NULLS, QUOTED_IDENTIFIER ON`. */
  readonly options: readonly string[];
  /** true/false for ON/OFF, a keyword or identifier in upper case, or an expression. */
  readonly value: boolean | string | Expression;
  /** SET IDENTITY_INSERT table ON. */
  readonly table?: ObjectName;
}

export interface ThrowStatement extends StatementBase {
  readonly kind: 'throw';
  readonly error?: { readonly number: Expression; readonly message: Expression; readonly state: Expression };
}

export interface RaiserrorStatement extends StatementBase {
  readonly kind: 'raiserror';
  readonly message: Expression;
  readonly severity: Expression;
  readonly state: Expression;
  readonly args: readonly Expression[];
  readonly log: boolean;
  readonly noWait: boolean;
  readonly setError: boolean;
}

export interface CursorStatement extends StatementBase {
  readonly kind: 'declare cursor';
  /** With @ for a cursor variable. */
  readonly name: string;
  readonly query: Query;
  readonly scroll: boolean;
}

export interface FetchStatement extends StatementBase {
  readonly kind: 'fetch';
  readonly cursor: string;
  readonly direction: 'NEXT' | 'PRIOR' | 'FIRST' | 'LAST' | 'ABSOLUTE' | 'RELATIVE';
  readonly offset?: Expression;
  readonly into?: readonly string[];
}

export type ControlStatement =
  | BlockStatement
  | IfStatement
  | WhileStatement
  | TryStatement
  | DeclareStatement
  | SetVariableStatement
  | SetOptionStatement
  | ThrowStatement
  | RaiserrorStatement
  | CursorStatement
  | FetchStatement
  | (StatementBase & { readonly kind: 'break' | 'continue' })
  | (StatementBase & { readonly kind: 'return'; readonly value?: Expression })
  | (StatementBase & { readonly kind: 'goto' | 'label'; readonly label: string })
  | (StatementBase & { readonly kind: 'print'; readonly value: Expression })
  | (StatementBase & { readonly kind: 'waitfor'; readonly mode: 'DELAY' | 'TIME'; readonly value: Expression })
  | (StatementBase & { readonly kind: 'open' | 'close' | 'deallocate'; readonly cursor: string });

export interface TransactionStatement extends StatementBase {
  readonly kind: 'transaction';
  readonly action: 'begin' | 'commit' | 'rollback' | 'save';
  /** A name as written, or a variable that holds it. */
  readonly name?: Expression;
  readonly mark?: { readonly description?: Expression };
}
