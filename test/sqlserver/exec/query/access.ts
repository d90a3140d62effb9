import { SqlError, type Database, type ResultColumn, type SqlValue, type Table } from '../../contracts.ts';
import type { ObjectName } from '../../tsql/ast/name.ts';
import type { TableSource } from '../../tsql/ast/query.ts';
import { unsupported } from '../../tsql/errors.ts';
import { convertTo } from '../expression/arithmetic.ts';
import { compileExpression } from '../expression/compile.ts';
import type { Run } from '../expression/compiled.ts';
import type { Flow, Row } from '../expression/row.ts';
import { PAUSE } from '../expression/row.ts';
import type { Scope, ScopeColumn } from '../expression/scope.ts';
import type { SystemView } from '../system/contract.ts';
import { nameText, type Planner } from './planner.ts';
import { planQuery } from './query.ts';
import { tableFunction } from './table-functions.ts';

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

const EXCLUSIVE_HINTS = new Set(['UPDLOCK', 'XLOCK', 'TABLOCKX']);

export function scopeColumns(table: Pick<Table, 'definition'>): ScopeColumn[] {
  return table.definition.columns.map((column) => ({
    name: column.name,
    type: column.type,
    nullable: column.nullable && column.identity === undefined,
    // 8 updatable, 1 nullable, 0x10 identity, 0x20 computed (MS-TDS 2.2.7.4).
    flags: column.identity !== undefined ? 16 : column.computedText !== undefined ? 33 : column.nullable ? 9 : 8,
    identity: column.identity !== undefined,
  }));
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
      number: number as number,
      class: 16,
      state: 1,
      text: `'${alias}' has ${word as string} columns than were specified in the column list.`,
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

export function invalidObject(name: ObjectName, line: number): SqlError {
  return new SqlError({ number: 208, class: 16, state: 1, text: `Invalid object name '${nameText(name)}'.`, line });
}

function openTable(source: Extract<TableSource, { kind: 'table' }>, planner: Planner): Access {
  const { name } = source;
  const alias = source.alias ?? name.name;
  if (name.schema === undefined && name.database === undefined && name.server === undefined) {
    const common = planner.commonTable(name.name);
    if (common !== undefined) {
      const { plan, columns } = common.plan(planner);
      return { columns, alias, independent: true, rows: (run, base) => plan.rows(run, base.outer) };
    }
  }
  if (name.server !== undefined) {
    throw new SqlError({
      number: 7202,
      class: 11,
      state: 2,
      text: `Could not find server '${name.server}' in sys.servers. Verify that the correct server name was specified. If necessary, execute the stored procedure sp_addlinkedserver to add the server to sys.servers.`,
      line: source.line,
    });
  }
  if (name.name.startsWith('#')) return openTemporary(source, alias, planner);
  const database = name.database === undefined ? planner.database : planner.catalog.database(name.database);
  const schema = name.schema ?? planner.schema;
  const found =
    database.table(schema, name.name) ?? (name.schema === undefined ? database.table('dbo', name.name) : undefined);
  if (found !== undefined) return openStored(source, alias, database, found, planner);
  const viaView = openView(source, alias, database, planner);
  if (viaView !== undefined) return viaView;
  const system = planner.catalog.systemView(name.schema, name.name, database);
  if (system !== undefined) {
    if (system.parameters !== undefined) {
      throw new SqlError({
        number: 216,
        class: 16,
        state: 1,
        text: `Parameters were not supplied for the function '${nameText(name)}'.`,
        line: source.line,
      });
    }
    return openSystemView(system, alias, name.database);
  }
  throw invalidObject(name, source.line);
}

function openStored(
  source: Extract<TableSource, { kind: 'table' }>,
  alias: string,
  database: Database,
  table: Table,
  planner: Planner,
): Access {
  const { definition } = table;
  planner.catalog.checkAccess('SELECT', database, definition.schema, definition.name);
  const dirty = source.hints.includes('NOLOCK') || source.hints.includes('READUNCOMMITTED');
  const exclusive = source.hints.some((hint) => EXCLUSIVE_HINTS.has(hint));
  planner.uses.push({ database, table, mode: dirty ? 'none' : exclusive ? 'exclusive' : 'shared' });
  const databaseName = database.name;
  planner.dependencies.push({
    database: databaseName,
    name: definition.name,
    stillValid: (catalog) => {
      const now = catalog.database(databaseName);
      return (
        now === database && now.table(definition.schema, definition.name) === table && table.definition === definition
      );
    },
  });
  return {
    columns: scopeColumns(table),
    alias,
    schema: definition.schema,
    database: database.name,
    table: () => table,
    definition,
    independent: true,
    rows: () => scan(table),
  };
}

/** Every row of a table, with a pause now and then. */
export function* scan(table: Table): Flow<readonly SqlValue[]> {
  let count = 0;
  for (const row of table.rows()) {
    if (++count % 2048 === 0) yield PAUSE;
    yield row.values;
  }
}

function openTemporary(source: Extract<TableSource, { kind: 'table' }>, alias: string, planner: Planner): Access {
  const table = planner.catalog.temporaryTable(source.name.name);
  if (table === undefined) throw invalidObject(source.name, source.line);
  const { definition } = table;
  planner.dependencies.push({
    database: 'tempdb',
    name: definition.name,
    stillValid: (catalog) => catalog.temporaryTable(source.name.name) === table && table.definition === definition,
  });
  return {
    columns: scopeColumns(table),
    alias,
    table: () => table,
    definition,
    independent: true,
    rows: () => scan(table),
  };
}

function openVariable(source: Extract<TableSource, { kind: 'variable' }>, planner: Planner): Access {
  const key = source.name.toLowerCase();
  const now = planner.catalog.tableVariable(key);
  if (now === undefined) {
    throw new SqlError({
      number: 1087,
      class: 15,
      state: 2,
      text: `Must declare the table variable "${source.name}".`,
      line: source.line,
    });
  }
  const table = (run: Run): Table => run.frame.tables.get(key) as Table;
  return {
    columns: scopeColumns(now),
    alias: source.alias ?? source.name,
    table,
    definition: now.definition,
    independent: true,
    rows: (run) => scan(table(run)),
  };
}

function openView(
  source: Extract<TableSource, { kind: 'table' }>,
  alias: string,
  database: Database,
  planner: Planner,
): Access | undefined {
  const { name, line } = source;
  const { catalog } = planner;
  const schemas = name.schema === undefined ? [planner.schema, 'dbo'] : [name.schema];
  for (const schema of schemas) {
    const view = catalog.view(database, schema, name.name);
    if (view === undefined) continue;
    catalog.checkAccess('SELECT', database, schema, name.name);
    planner.dependencies.push({
      database: database.name,
      name: name.name,
      stillValid: (later) => later.view(later.database(database.name), schema, name.name)?.object === view.object,
    });
    const plan = planQuery(view.query, planner.forView(database), undefined);
    const columns = renamed(plan.columns, view.columns, name.name, line);
    return {
      columns,
      alias,
      schema,
      database: database.name,
      independent: true,
      rows: (run) => plan.rows(run, null),
    };
  }
  return undefined;
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

function openSystemView(view: SystemView, alias: string, database: string | undefined): Access {
  return {
    columns: view.columns.map(fromResultColumn),
    alias,
    schema: view.schema,
    independent: true,
    rows: (run, _base, equalities) => view.rows(run.system(database), [], equalities),
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
      number: number as number,
      class: 16,
      state: 3,
      text:
        number === 313
          ? `${word as string} for the procedure or function ${nameText(name)}.`
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
