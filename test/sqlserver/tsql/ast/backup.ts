import type { StatementBase } from './base.ts';
import type { Expression } from './expression.ts';

/** A literal or a variable. */
export type Operand = Expression;

export interface DeviceElement {
  readonly type: 'DISK' | 'URL' | 'LOGICAL';
  readonly path: Operand;
}

/** `WITH` options by upper-case name; a bare option has no value. */
export interface OptionElement {
  readonly name: string;
  readonly value?: Operand;
  /** MOVE 'a' TO 'b', STOPATMARK = 'm' AFTER 't'. */
  readonly second?: Operand;
  readonly line: number;
}

export interface BackupAst extends StatementBase {
  readonly kind: 'backup';
  readonly target: 'database' | 'log';
  readonly database: Operand;
  readonly devices: readonly DeviceElement[];
  readonly options: readonly OptionElement[];
}

export interface RestoreAst extends StatementBase {
  readonly kind: 'restore';
  readonly target: 'database' | 'log';
  readonly database: Operand;
  readonly devices: readonly DeviceElement[];
  readonly options: readonly OptionElement[];
}

export interface RestoreInfoAst extends StatementBase {
  readonly kind: 'restore info';
  readonly target: 'headeronly' | 'filelistonly' | 'labelonly' | 'verifyonly';
  readonly devices: readonly DeviceElement[];
  readonly options: readonly OptionElement[];
}

export interface DbccStatement extends StatementBase {
  readonly kind: 'dbcc';
  readonly command: string;
  readonly args: readonly Expression[];
  readonly options: readonly string[];
}

export type BackupFamilyStatement = BackupAst | RestoreAst | RestoreInfoAst | DbccStatement;
