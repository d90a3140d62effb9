import type { SqlType, SqlValue } from '../../contracts.ts';
import type { Query, OrderItem } from './query.ts';

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^';
export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export interface Literal {
  readonly kind: 'literal';
  readonly type: SqlType;
  readonly value: SqlValue;
}

export interface ColumnReference {
  readonly kind: 'column';
  /** From the outermost qualifier to the column's name. */
  readonly parts: readonly string[];
  readonly line: number;
}

export interface Variable {
  readonly kind: 'variable';
  readonly name: string;
}

export interface WindowFrame {
  readonly unit: 'ROWS' | 'RANGE';
  readonly start: FrameBound;
  readonly end: FrameBound;
}

export type FrameBound =
  | { readonly kind: 'unbounded preceding' | 'unbounded following' | 'current' }
  | { readonly kind: 'preceding' | 'following'; readonly count: number };

export interface WindowSpecification {
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderItem[];
  readonly frame?: WindowFrame;
}

export interface FunctionCall {
  readonly kind: 'call';
  readonly name: readonly string[];
  readonly args: readonly Expression[];
  /** COUNT(*) */
  readonly star: boolean;
  readonly distinct: boolean;
  readonly over?: WindowSpecification;
  /** WITHIN GROUP (ORDER BY …) of STRING_AGG. */
  readonly within?: readonly OrderItem[];
  readonly line: number;
}

export interface CaseExpression {
  readonly kind: 'case';
  readonly operand?: Expression;
  readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
  readonly otherwise?: Expression;
}

/** Scalars and predicates in one union; the parser lets predicates appear only where T-SQL does. */
export type Expression =
  | Literal
  | { readonly kind: 'null' }
  | { readonly kind: 'default' }
  | ColumnReference
  | Variable
  | { readonly kind: 'global'; readonly name: string; readonly line: number }
  | { readonly kind: 'negate' | 'plus' | 'complement'; readonly operand: Expression }
  | {
      readonly kind: 'arithmetic';
      readonly operator: ArithmeticOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | FunctionCall
  | CaseExpression
  | {
      readonly kind: 'cast';
      readonly operand: Expression;
      readonly type: SqlType;
      readonly attempt: boolean;
      readonly style?: Expression;
      /** CAST and TRY_CAST take no style; the name goes into messages. */
      readonly function: 'CAST' | 'CONVERT';
    }
  | { readonly kind: 'collate'; readonly operand: Expression; readonly collation: string }
  | { readonly kind: 'zone'; readonly operand: Expression; readonly zone: Expression }
  | { readonly kind: 'subquery'; readonly query: Query; readonly line: number }
  | Predicate;

export type Predicate =
  | {
      readonly kind: 'compare';
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'quantified';
      readonly operator: ComparisonOperator;
      readonly quantifier: 'ANY' | 'ALL';
      readonly left: Expression;
      readonly query: Query;
    }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'isnull'; readonly operand: Expression; readonly negated: boolean }
  | { readonly kind: 'distinct'; readonly left: Expression; readonly right: Expression; readonly negated: boolean }
  | {
      readonly kind: 'between';
      readonly operand: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'in';
      readonly operand: Expression;
      readonly list: readonly Expression[];
      readonly negated: boolean;
    }
  | { readonly kind: 'inquery'; readonly operand: Expression; readonly query: Query; readonly negated: boolean }
  | {
      readonly kind: 'like';
      readonly operand: Expression;
      readonly pattern: Expression;
      readonly escape?: Expression;
      readonly negated: boolean;
    }
  | { readonly kind: 'exists'; readonly query: Query };

const PREDICATES: ReadonlySet<string> = new Set([
  'compare',
  'quantified',
  'and',
  'or',
  'not',
  'isnull',
  'distinct',
  'between',
  'in',
  'inquery',
  'like',
  'exists',
]);

export function isPredicate(expression: Expression): expression is Predicate {
  return PREDICATES.has(expression.kind);
}
