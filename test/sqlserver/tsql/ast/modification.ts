import type { ExecuteStatement } from './procedure.ts';
import type { AssignOperator, CommonTable, Query, SelectItem, TableSource, TopClause } from './query.ts';
import type { Expression } from './expression.ts';
import type { ObjectName } from './name.ts';
import type { StatementBase } from './base.ts';

export type ModificationTarget =
  | { readonly kind: 'table'; readonly name: ObjectName; readonly hints: readonly string[]; readonly line: number }
  | { readonly kind: 'variable'; readonly name: string; readonly line: number };

export interface OutputClause {
  readonly items: readonly SelectItem[];
  readonly into?: { readonly target: ModificationTarget; readonly columns?: readonly string[] };
}

export interface Assignment {
  /** Absent for `@v = expression`. */
  readonly column?: string;
  readonly variable?: string;
  readonly operator: AssignOperator;
  readonly value: Expression;
  readonly line: number;
}

export interface InsertStatement extends StatementBase {
  readonly kind: 'insert';
  readonly commonTables: readonly CommonTable[];
  readonly top?: TopClause;
  readonly target: ModificationTarget;
  readonly columns?: readonly string[];
  readonly output?: OutputClause;
  readonly source:
    | { readonly kind: 'query'; readonly query: Query }
    | { readonly kind: 'execute'; readonly execute: ExecuteStatement }
    | { readonly kind: 'defaults' };
}

export interface UpdateStatement extends StatementBase {
  readonly kind: 'update';
  readonly commonTables: readonly CommonTable[];
  readonly top?: TopClause;
  readonly target: ModificationTarget;
  readonly assignments: readonly Assignment[];
  readonly output?: OutputClause;
  readonly from?: TableSource;
  readonly where?: Expression;
  readonly currentOf?: string;
}

export interface DeleteStatement extends StatementBase {
  readonly kind: 'delete';
  readonly commonTables: readonly CommonTable[];
  readonly top?: TopClause;
  readonly target: ModificationTarget;
  readonly output?: OutputClause;
  readonly from?: TableSource;
  readonly where?: Expression;
  readonly currentOf?: string;
}

export type MergeAction =
  | { readonly kind: 'update'; readonly assignments: readonly Assignment[] }
  | { readonly kind: 'delete' }
  | {
      readonly kind: 'insert';
      readonly columns?: readonly string[];
      /** undefined: DEFAULT VALUES */
      readonly values?: readonly Expression[];
    };

export interface MergeStatement extends StatementBase {
  readonly kind: 'merge';
  readonly commonTables: readonly CommonTable[];
  readonly target: ModificationTarget;
  readonly alias?: string;
  readonly source: TableSource;
  readonly on: Expression;
  readonly branches: readonly {
    readonly when: 'matched' | 'not matched by target' | 'not matched by source';
    readonly and?: Expression;
    readonly action: MergeAction;
  }[];
  readonly output?: OutputClause;
}

export interface TruncateStatement extends StatementBase {
  readonly kind: 'truncate';
  readonly table: ObjectName;
}
