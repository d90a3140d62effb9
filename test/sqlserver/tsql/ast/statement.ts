import type { BackupFamilyStatement } from './backup.ts';
import type { StatementBase } from './base.ts';
import type { ControlStatement, TransactionStatement } from './control.ts';
import type { Declarations } from './declarations.ts';
import type { DefinitionStatement } from './definition.ts';
import type { Expression } from './expression.ts';
import type {
  DeleteStatement,
  InsertStatement,
  MergeStatement,
  TruncateStatement,
  UpdateStatement,
} from './modification.ts';
import type { CreateModuleStatement, ExecuteStatement } from './procedure.ts';
import type { Query } from './query.ts';
import type { SecurityStatement } from './security.ts';

export interface SelectStatement extends StatementBase {
  readonly kind: 'select';
  readonly query: Query;
}

export interface UseStatement extends StatementBase {
  readonly kind: 'use';
  readonly database: string;
}

export type Statement =
  | SelectStatement
  | InsertStatement
  | UpdateStatement
  | DeleteStatement
  | MergeStatement
  | TruncateStatement
  | ControlStatement
  | TransactionStatement
  | ExecuteStatement
  | CreateModuleStatement
  | DefinitionStatement
  | SecurityStatement
  | BackupFamilyStatement
  | UseStatement
  | (StatementBase & { readonly kind: 'kill'; readonly spid: Expression })
  | (StatementBase & { readonly kind: 'checkpoint' })
  | (StatementBase & { readonly kind: 'reconfigure' });

export interface Batch {
  readonly text: string;
  readonly statements: readonly Statement[];
  readonly declarations: Declarations;
}
