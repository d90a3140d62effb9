import type { SqlType } from '../../contracts.ts';
import type { StatementBase } from './base.ts';
import type { Declarations } from './declarations.ts';
import type { Expression } from './expression.ts';
import type { ObjectName } from './name.ts';
import type { Statement } from './statement.ts';

export interface ExecuteArgument {
  readonly name?: string;
  /** undefined: the keyword DEFAULT. */
  readonly value?: Expression;
  readonly output: boolean;
}

export interface ExecuteStatement extends StatementBase {
  readonly kind: 'execute';
  readonly returnVariable?: string;
  readonly module:
    | { readonly kind: 'procedure'; readonly name: ObjectName }
    | { readonly kind: 'variable'; readonly name: string }
    | { readonly kind: 'text'; readonly text: Expression };
  readonly args: readonly ExecuteArgument[];
  /** WITH RESULT SETS and the like are parsed and have no effect. */
  readonly line: number;
}

export interface ProcedureParameter {
  readonly name: string;
  readonly type: SqlType;
  readonly defaultValue?: Expression;
  readonly output: boolean;
}

export interface CreateModuleStatement extends StatementBase {
  readonly kind: 'create module';
  readonly module: 'procedure' | 'view';
  readonly mode: 'create' | 'alter' | 'create or alter';
  readonly name: ObjectName;
  readonly parameters: readonly ProcedureParameter[];
  readonly body: readonly Statement[];
  readonly declarations: Declarations;
  /** Column names of a view. */
  readonly columns?: readonly string[];
  /** Complete text of the statement as sys.sql_modules keeps it. */
  readonly text: string;
}
