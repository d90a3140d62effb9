import type { Expression } from './expression.ts';
import type { ObjectName } from './name.ts';

export interface OrderItem {
  readonly expression: Expression;
  readonly descending: boolean;
}

export type SelectItem =
  | { readonly kind: 'expression'; readonly expression: Expression; readonly alias?: string; readonly line: number }
  | { readonly kind: 'star'; readonly qualifier: readonly string[]; readonly line: number }
  | {
      readonly kind: 'assign';
      readonly variable: string;
      readonly operator: AssignOperator;
      readonly expression: Expression;
      readonly line: number;
    };

export type AssignOperator = '=' | '+=' | '-=' | '*=' | '/=' | '%=' | '&=' | '|=' | '^=';

export type JoinKind = 'inner' | 'left' | 'right' | 'full' | 'cross' | 'cross apply' | 'outer apply';

export type TableSource =
  | {
      readonly kind: 'table';
      readonly name: ObjectName;
      readonly alias?: string;
      /** Upper case: NOLOCK, UPDLOCK, … */
      readonly hints: readonly string[];
      readonly line: number;
    }
  | {
      readonly kind: 'function';
      readonly name: ObjectName;
      readonly args: readonly Expression[];
      readonly alias?: string;
      readonly columns?: readonly string[];
      readonly line: number;
    }
  | { readonly kind: 'variable'; readonly name: string; readonly alias?: string; readonly line: number }
  | {
      readonly kind: 'derived';
      readonly query: Query;
      readonly alias: string;
      readonly columns?: readonly string[];
      readonly line: number;
    }
  | {
      readonly kind: 'join';
      readonly join: JoinKind;
      readonly left: TableSource;
      readonly right: TableSource;
      readonly on?: Expression;
    };

export interface TopClause {
  readonly count: Expression;
  readonly percent: boolean;
  readonly withTies: boolean;
}

export interface SelectBody {
  readonly kind: 'select';
  readonly distinct: boolean;
  readonly top?: TopClause;
  readonly items: readonly SelectItem[];
  readonly into?: ObjectName;
  readonly from?: TableSource;
  readonly where?: Expression;
  readonly groupBy?: readonly Expression[];
  readonly having?: Expression;
  readonly line: number;
}

export interface ValuesBody {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
  readonly line: number;
}

export interface SetBody {
  readonly kind: 'set';
  readonly operator: 'UNION' | 'UNION ALL' | 'EXCEPT' | 'INTERSECT';
  readonly left: QueryBody;
  readonly right: QueryBody;
  readonly line: number;
}

/** A parenthesized query inside a set operation, with its own ORDER BY forbidden by T-SQL. */
export type QueryBody = SelectBody | ValuesBody | SetBody;

export interface CommonTable {
  readonly name: string;
  readonly columns?: readonly string[];
  readonly query: Query;
  readonly line: number;
}

export interface Query {
  readonly kind: 'query';
  readonly commonTables: readonly CommonTable[];
  readonly body: QueryBody;
  readonly orderBy: readonly OrderItem[];
  readonly offset?: Expression;
  readonly fetch?: Expression;
  /** OPTION (MAXRECURSION n); undefined is the default of 100. */
  readonly maxRecursion?: number;
  readonly line: number;
}
