import { SqlError, type Database, type SqlType, type Table } from '../../contracts.ts';
import type { ObjectName } from '../../tsql/ast/name.ts';
import type { CommonTable, Query } from '../../tsql/ast/query.ts';
import type { CompileEnvironment, QueryPlan } from '../expression/environment.ts';
import type { Scope, ScopeColumn } from '../expression/scope.ts';
import type { SystemFunction, SystemView } from '../system/contract.ts';
import { planQuery } from './query.ts';

/** What the session knows about names. */
export interface Catalog {
  /** Opens a database for use. @throws SqlError 911, 916, 927, … */
  database(name: string): Database;
  /** Session's current database. */
  readonly current: Database;
  readonly defaultSchema: string;
  temporaryTable(name: string): Table | undefined;
  tableVariable(name: string): Table | undefined;
  systemView(schema: string | undefined, name: string, database: Database): SystemView | undefined;
  systemFunction(parts: readonly string[]): SystemFunction | undefined;
  /** The parsed query of a view and its column names. */
  view(database: Database, schema: string, name: string): ViewDefinition | undefined;
  /** @throws SqlError 229 */
  checkAccess(
    permission: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE',
    database: Database,
    schema: string,
    name: string,
  ): void;
}

export interface ViewDefinition {
  readonly object: object;
  readonly query: Query;
  readonly columns?: readonly string[];
}

/** A stored table that a statement reads, to be locked before it runs. */
export interface TableUse {
  readonly database: Database;
  readonly table: Table;
  readonly mode: 'none' | 'shared' | 'exclusive';
}

/** A name and what it meant when the plan was made; a plan is good while all of them still mean it. */
export interface Dependency {
  readonly database: string;
  readonly name: string;
  stillValid(catalog: Catalog): boolean;
}

/** A common table expression: where its rows come from when it is named in FROM. */
export interface CommonTableBinding {
  readonly name: string;
  plan(planner: Planner): { readonly plan: QueryPlan; readonly columns: readonly ScopeColumn[] };
}

export interface PlannerOptions {
  readonly catalog: Catalog;
  readonly variables: ReadonlyMap<string, SqlType>;
  /** OPTION (MAXRECURSION n) of the statement; undefined: 100. */
  readonly maxRecursion?: number;
}

/** Plans the queries of one statement and remembers which tables they use. */
export class Planner implements CompileEnvironment {
  readonly options: PlannerOptions;
  /** Where unqualified names are looked up: a view's own database inside of a view. */
  readonly database: Database;
  readonly schema: string;
  readonly uses: TableUse[];
  readonly dependencies: Dependency[];
  readonly #commonTables: ReadonlyMap<string, CommonTableBinding>;
  /** Views being expanded, against endless recursion. */
  readonly depth: number;

  constructor(
    options: PlannerOptions,
    from: {
      readonly database: Database;
      readonly schema: string;
      readonly uses?: TableUse[];
      readonly dependencies?: Dependency[];
      readonly commonTables?: ReadonlyMap<string, CommonTableBinding>;
      readonly depth?: number;
    },
  ) {
    this.options = options;
    this.database = from.database;
    this.schema = from.schema;
    this.uses = from.uses ?? [];
    this.dependencies = from.dependencies ?? [];
    this.#commonTables = from.commonTables ?? new Map<string, CommonTableBinding>();
    this.depth = from.depth ?? 0;
  }

  get catalog(): Catalog {
    return this.options.catalog;
  }

  variableType(name: string): SqlType | undefined {
    return this.options.variables.get(name);
  }

  systemFunction(parts: readonly string[]): SystemFunction | undefined {
    return this.catalog.systemFunction(parts);
  }

  planSubquery(query: Query, parent: Scope): QueryPlan {
    return planQuery(query, this, parent);
  }

  commonTable(name: string): CommonTableBinding | undefined {
    return this.#commonTables.get(name.toLowerCase());
  }

  /** A planner that also knows these common tables; each sees the ones before it. */
  withCommonTable(binding: CommonTableBinding): Planner {
    const commonTables = new Map(this.#commonTables);
    commonTables.set(binding.name.toLowerCase(), binding);
    return new Planner(this.options, { ...this.#shared(), commonTables });
  }

  withCommonTables(
    tables: readonly CommonTable[],
    bind: (planner: Planner, table: CommonTable) => CommonTableBinding,
  ): Planner {
    return tables.reduce<Planner>((planner, table) => planner.withCommonTable(bind(planner, table)), this);
  }

  /** For the text of a view: its own database, none of the statement's common tables and variables. */
  forView(database: Database): Planner {
    if (this.depth >= 32) {
      throw new SqlError({
        number: 217,
        class: 16,
        state: 1,
        text: 'Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32).',
      });
    }
    return new Planner(
      { ...this.options, variables: new Map() },
      { ...this.#shared(), database, schema: 'dbo', commonTables: new Map(), depth: this.depth + 1 },
    );
  }

  #shared(): ConstructorParameters<typeof Planner>[1] {
    return {
      database: this.database,
      schema: this.schema,
      uses: this.uses,
      dependencies: this.dependencies,
      commonTables: this.#commonTables,
      depth: this.depth,
    };
  }
}

/** As 208 and other messages quote it. */
export function nameText(name: ObjectName): string {
  if (name.server !== undefined) return `${name.server}.${name.database ?? ''}.${name.schema ?? ''}.${name.name}`;
  if (name.database !== undefined) return `${name.database}.${name.schema ?? ''}.${name.name}`;
  return name.schema === undefined ? name.name : `${name.schema}.${name.name}`;
}
