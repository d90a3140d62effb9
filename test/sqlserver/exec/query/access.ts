import { SqlError, type ResultColumn, type SqlValue, type Table } from '../../contracts.ts';
import type { TableSource } from '../../tsql/ast/query.ts';
import { unsupported } from '../../tsql/errors.ts';
import { convertTo } from '../expression/arithmetic.ts';
import { compileExpression } from '../expression/compile.ts';
import type { Run } from '../expression/compiled.ts';
import { type Flow, type Row } from '../expression/row.ts';
import type { Scope, ScopeColumn } from '../expression/scope.ts';
import { nameText, type Planner } from './planner.ts';
import { planQuery } from './query.ts';
import { tableFunction } from './table-functions.ts';
import { invalidObject, openTable, openVariable } from './access-table.ts';

/** How one item of FROM gives its rows. `base` is the row so far: the left side for APPLY, else only outer rows. */
export interface Access {
  readonly columns: readonly ScopeColumn[];
  readonly alias: string;
  readonly schema?: string;
  readonly database?: string;
  /** A table with keys: seeks are possible and rows have an identity. */
  readonly table?: (run: Run) => Table;
  readonly definition?: Table['definition'];
  /** Results do not depend on `base`. */
  readonly independent: boolean;
  rows(run: Run, base: Row, equalities: ReadonlyMap<string, SqlValue>): Flow<readonly SqlValue[]>;
}

export function openSource(
  source: Exclude<TableSource, { kind: 'join' }>,
  planner: Planner,
  scope: Scope,
  lateral: boolean,
): Access {
  switch (source.kind) {
    case 'table':
      return openTable(source, planner);
    case 'variable':
      return openVariable(source, planner);
    case 'derived': {
      const plan = planQuery(source.query, planner, lateral ? scope : scope.parent);
      const columns = renamed(plan.columns, source.columns, source.alias, source.line);
      return {
        columns,
        alias: source.alias,
        independent: !(lateral && plan.correlated),
        rows: (run, base) => plan.rows(run, lateral ? base : base.outer),
      };
    }
    case 'function':
      return openFunction(source, planner, scope);
  }
}

/** Columns of a derived table or common table under the names given to them. */
export function renamed(
  columns: readonly ScopeColumn[],
  names: readonly string[] | undefined,
  alias: string,
  line: number,
): readonly ScopeColumn[] {
  if (names !== undefined && names.length !== columns.length) {
    const [number, word] = names.length > columns.length ? [8159, 'fewer'] : [8158, 'more'];
    throw new SqlError({
      number: number,
      class: 16,
      state: 1,
      text: `'${alias}' has ${word} columns than were specified in the column list.`,
      line,
    });
  }
  const result = columns.map((column, i) => (names === undefined ? column : { ...column, name: names[i] as string }));
  const seen = new Set<string>();
  result.forEach((column, i) => {
    if (column.name === '') {
      throw new SqlError({
        number: 8155,
        class: 16,
        state: 2,
        text: `No column name was specified for column ${i + 1} of '${alias}'.`,
        line,
      });
    }
    const key = column.name.toLowerCase();
    if (seen.has(key)) {
      throw new SqlError({
        number: 8156,
        class: 16,
        state: 1,
        text: `The column '${column.name}' was specified multiple times for '${alias}'.`,
        line,
      });
    }
    seen.add(key);
  });
  return result;
}

export function fromResultColumn(column: ResultColumn): ScopeColumn {
  return {
    name: column.name,
    type: column.type,
    nullable: column.nullable ?? true,
    flags: column.flags ?? ((column.nullable ?? true) ? 9 : 8),
    identity: column.identity ?? false,
  };
}

function openFunction(source: Extract<TableSource, { kind: 'function' }>, planner: Planner, scope: Scope): Access {
  const { name, line } = source;
  const alias = source.alias ?? name.name;
  const args = source.args.map((arg) => compileExpression(arg, scope));
  if (name.schema === undefined && name.database === undefined) {
    const builtIn = tableFunction(name.name, args);
    if (builtIn !== undefined) {
      return {
        ...builtIn,
        columns: renamed(builtIn.columns, source.columns, alias, line),
        alias,
        independent: args.every((arg) => arg.constant !== undefined),
      };
    }
  }
  const database = name.database === undefined ? planner.database : planner.catalog.database(name.database);
  const view = planner.catalog.systemView(name.schema, name.name, database);
  const parameters = view?.parameters;
  if (view === undefined || parameters === undefined) {
    if (planner.catalog.database(database.name).object(name.schema ?? 'dbo', name.name)?.kind === 'function') {
      throw unsupported('user-defined table-valued functions', line);
    }
    throw invalidObject(name, line);
  }
  const required = parameters.filter((parameter) => parameter.optional !== true).length;
  if (args.length < required || args.length > parameters.length) {
    const [number, word] =
      args.length < required
        ? [313, 'An insufficient number of arguments were supplied']
        : [8144, 'Too many arguments were specified'];
    throw new SqlError({
      number: number,
      class: 16,
      state: 3,
      text:
        number === 313
          ? `${word} for the procedure or function ${nameText(name)}.`
          : `Procedure or function ${nameText(name)} has too many arguments specified.`,
      line,
    });
  }
  const converted = args.map((arg, i) =>
    arg.untyped === true ? arg : convertTo(arg, parameters[i]?.type ?? arg.type),
  );
  return {
    columns: renamed(view.columns.map(fromResultColumn), source.columns, alias, line),
    alias,
    independent: args.every((arg) => arg.constant !== undefined),
    rows: (run, base, equalities) => {
      const values: SqlValue[] = converted.map((arg) => arg.evaluate(base, run));
      while (values.length < parameters.length) values.push(null);
      return view.rows(run.system(name.database), values, equalities);
    },
  };
}
