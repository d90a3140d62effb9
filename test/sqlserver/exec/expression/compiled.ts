import type { SqlMessage, SqlMoment, SqlType, SqlValue, Table } from '../../contracts.ts';
import type { ConvertContext } from '../types/convert.ts';
import type { SystemContext } from '../system/contract.ts';
import type { Row } from './row.ts';

/** A variable of a batch or module. */
export interface VariableCell {
  readonly type: SqlType;
  value: SqlValue;
}

/** One activation of a batch or module: its variables. */
export interface Frame {
  readonly variables: Map<string, VariableCell>;
  readonly tables: Map<string, Table>;
  /** Object id of the running module for @@PROCID, 0 in a batch. */
  readonly procedureId: number;
  readonly nestLevel: number;
}

/** What the ERROR_ functions show inside a CATCH block. */
export interface CaughtError extends SqlMessage {
  readonly procedure?: string;
}

/** Values of the session that expressions can ask for. */
export interface SessionValues {
  readonly spid: number;
  /** @@ROWCOUNT */
  readonly affected: number;
  readonly lastError: number;
  readonly transactionCount: number;
  readonly transactionState: -1 | 0 | 1;
  readonly lastIdentity: bigint | null;
  /** SCOPE_IDENTITY() of the running frame. */
  readonly scopeIdentity: bigint | null;
  readonly fetchStatus: number;
  readonly cursorRows: number;
  readonly dateFirst: number;
  readonly language: string;
  readonly lockTimeout: number;
  readonly textSize: number;
  readonly optionBits: number;
  readonly caught: CaughtError | undefined;
}

/** One execution of one statement. */
export interface Run {
  readonly session: SessionValues;
  readonly frame: Frame;
  readonly convert: ConvertContext;
  /** Local time when the statement started, 100 ns resolution. */
  readonly now: SqlMoment;
  readonly offsetMinutes: number;
  /** Results of subqueries that do not depend on outer rows, by their plan. */
  readonly cache: Map<object, unknown>;
  /** `database` undefined: the current one. */
  system(database?: string): SystemContext;
  /** INFO 8153 and the like, at most once a statement. */
  warn(message: SqlMessage): void;
}

export type Evaluate = (row: Row, run: Run) => SqlValue;

/** A scalar expression ready to run. */
export interface Compiled {
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly evaluate: Evaluate;
  /** The literal NULL, which takes any type. */
  readonly untyped?: boolean;
  /** A literal, known now. */
  readonly constant?: { readonly value: SqlValue };
  /** Set for a plain column: name, wire flags. */
  readonly column?: { readonly name: string; readonly flags: number; readonly identity: boolean };
}

/** A predicate: true, false or null for unknown. */
export type Test = (row: Row, run: Run) => boolean | null;

/** For expressions that do not look at rows. */
export type RowIndependent = (run: Run) => SqlValue;
