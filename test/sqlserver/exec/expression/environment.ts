import type { SqlType, SqlValue } from '../../contracts.ts';
import type { Query } from '../../tsql/ast/query.ts';
import type { SystemFunction } from '../system/contract.ts';
import type { Row, Flow } from './row.ts';
import type { Run } from './compiled.ts';
import type { Scope, ScopeColumn } from './scope.ts';

/** A planned query: columns are known, rows come when it runs. */
export interface QueryPlan {
  readonly columns: readonly ScopeColumn[];
  /** Columns refer to rows of an enclosing query: results differ from row to row. */
  readonly correlated: boolean;
  rows(run: Run, outer: Row | null): Flow<readonly SqlValue[]>;
}

/** What expressions need from the statement around them. */
export interface CompileEnvironment {
  /** By lower-case name with @. */
  variableType(name: string): SqlType | undefined;
  planSubquery(query: Query, parent: Scope): QueryPlan;
  /** Built-in catalog functions and @@ values of exec/system; `parts` as written. */
  systemFunction(parts: readonly string[]): SystemFunction | undefined;
}
