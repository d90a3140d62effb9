import { SqlError, type SqlType } from '../../contracts.ts';
import type { FunctionCall } from '../../tsql/ast/expression.ts';
import type { CompileEnvironment } from './environment.ts';

export interface ScopeColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  /** Wire flags when the column comes straight from a table or view. */
  readonly flags?: number;
  readonly identity?: boolean;
  /** The literal NULL, which takes any type. */
  readonly untyped?: true;
}

export interface ScopeSource {
  /** Alias or table name that qualifies columns; '' for none. */
  readonly alias: string;
  readonly schema?: string;
  readonly database?: string;
  readonly columns: readonly ScopeColumn[];
}

/** An aggregate or window function of a block, with its place in the row part that holds them. */
export interface Slot {
  readonly call: FunctionCall;
  readonly key: string;
  readonly index: number;
}

/** Grouping of a block while its SELECT list, HAVING and ORDER BY are compiled. */
export interface Grouping {
  /** Keys of GROUP BY expressions as {@link Scope.key} makes them. */
  readonly keys: ReadonlySet<string>;
  readonly aggregates: Slot[];
}

export interface ResolvedColumn {
  readonly depth: number;
  readonly source: number;
  readonly index: number;
  readonly column: ScopeColumn;
  readonly scope: Scope;
}

/** Names a query block can see: its sources, then those of the blocks around it. */
export class Scope {
  readonly env: CompileEnvironment;
  readonly parent: Scope | undefined;
  readonly sources: ScopeSource[] = [];
  /** How many sources are visible: while FROM is planned, later ones do not exist yet. */
  visible = Infinity;
  grouping: Grouping | undefined;
  /** Window functions are allowed (SELECT list, ORDER BY) and collected here. */
  windows: Slot[] | undefined;
  /** Inside the argument of an aggregate: ungrouped columns are fine, aggregates are not. */
  insideAggregate = false;
  /** Clause named in 147 and 4108. */
  clause: 'select' | 'where' | 'group' | 'having' | 'on' | 'order' = 'select';
  /** True when the block refers to a row of an enclosing one. */
  correlated = false;

  constructor(env: CompileEnvironment, parent?: Scope) {
    this.env = env;
    this.parent = parent;
  }

  add(source: ScopeSource): number {
    this.sources.push(source);
    return this.sources.length - 1;
  }

  /** @throws SqlError 207, 209, 4104 */
  resolve(parts: readonly string[], line: number): ResolvedColumn {
    const found = this.#search(parts, line, 0);
    if (found !== undefined) return found;
    if (parts.length > 1) {
      throw error(
        4104,
        `The multi-part identifier "${parts.filter((part) => part !== '').join('.')}" could not be bound.`,
        line,
      );
    }
    throw error(207, `Invalid column name '${parts[0] ?? ''}'.`, line);
  }

  /** In this block, else in those around it; the blocks in between depend on the row of the one that has it. */
  #search(parts: readonly string[], line: number, depth: number): ResolvedColumn | undefined {
    const own = this.#find(parts, line);
    if (own !== undefined) return { ...own, depth, scope: this };
    const { parent } = this;
    const outer = parent === undefined ? undefined : parent.#search(parts, line, depth + 1);
    if (outer !== undefined) this.correlated = true;
    return outer;
  }

  #find(parts: readonly string[], line: number): Omit<ResolvedColumn, 'depth' | 'scope'> | undefined {
    const name = (parts.at(-1) as string).toLowerCase();
    let found: Omit<ResolvedColumn, 'depth' | 'scope'> | undefined;
    const count = Math.min(this.visible, this.sources.length);
    for (let i = 0; i < count; i += 1) {
      const source = this.sources[i] as ScopeSource;
      if (parts.length > 1 && !qualifies(source, parts.slice(0, -1))) continue;
      const index = source.columns.findIndex((column) => column.name.toLowerCase() === name);
      if (index < 0) {
        if (parts.length > 1) throw error(207, `Invalid column name '${parts.at(-1) as string}'.`, line);
        continue;
      }
      if (found !== undefined) throw error(209, `Ambiguous column name '${parts.at(-1) as string}'.`, line);
      found = { source: i, index, column: source.columns[index] as ScopeColumn };
    }
    return found;
  }

  /** Sources that `qualifier.*` means; empty qualifier: all. */
  expand(qualifier: readonly string[], line: number): readonly number[] {
    if (qualifier.length === 0) {
      if (this.sources.length === 0) throw error(263, 'Must specify table to select from.', line);
      return this.sources.map((_, i) => i);
    }
    const found = this.sources.flatMap((source, i) => (qualifies(source, qualifier) ? [i] : []));
    if (found.length === 0) {
      throw error(
        4104,
        `The multi-part identifier "${qualifier.filter((part) => part !== '').join('.')}.*" could not be bound.`,
        line,
      );
    }
    return found;
  }
}

function qualifies(source: ScopeSource, qualifier: readonly string[]): boolean {
  const [alias, schema, database] = [...qualifier].reverse();
  if (source.alias.toLowerCase() !== (alias ?? '').toLowerCase()) return false;
  if (schema && source.schema?.toLowerCase() !== schema.toLowerCase()) return false;
  return !database || source.database?.toLowerCase() === database.toLowerCase();
}

function error(number: number, text: string, line: number): SqlError {
  return new SqlError({ number, class: 16, state: 1, text, line });
}
