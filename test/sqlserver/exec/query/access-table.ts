import { SqlError, type Database, type SqlValue, type Table } from '../../contracts.ts';
import type { ObjectName } from '../../tsql/ast/name.ts';
import type { TableSource } from '../../tsql/ast/query.ts';
import type { Run } from '../expression/compiled.ts';
import { PAUSE, type Flow } from '../expression/row.ts';
import type { ScopeColumn } from '../expression/scope.ts';
import type { SystemView } from '../system/contract.ts';
import { fromResultColumn, renamed, type Access } from './access.ts';
import { nameText, type Catalog, type Planner } from './planner.ts';
import { planQuery } from './query.ts';

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

export function invalidObject(name: ObjectName, line: number): SqlError {
  return new SqlError({ number: 208, class: 16, state: 1, text: `Invalid object name '${nameText(name)}'.`, line });
}

export function openTable(source: Extract<TableSource, { kind: 'table' }>, planner: Planner): Access {
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
  // Tables behind a view belong to the view's owner: only the view itself is checked (ownership chains).
  const check = (catalog: Catalog): void => {
    if (planner.depth === 0) catalog.checkAccess('SELECT', database, definition.schema, definition.name);
  };
  check(planner.catalog);
  const dirty = source.hints.includes('NOLOCK') || source.hints.includes('READUNCOMMITTED');
  const exclusive = source.hints.some((hint) => EXCLUSIVE_HINTS.has(hint));
  planner.uses.push({ database, table, mode: dirty ? 'none' : exclusive ? 'exclusive' : 'shared' });
  const databaseName = database.name;
  planner.dependencies.push({
    database: databaseName,
    name: definition.name,
    stillValid: (catalog) => {
      const now = catalog.database(databaseName);
      const same =
        now === database && now.table(definition.schema, definition.name) === table && table.definition === definition;
      if (same) check(catalog);
      return same;
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

export function openVariable(source: Extract<TableSource, { kind: 'variable' }>, planner: Planner): Access {
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
    const check = (later: Catalog): void => {
      if (planner.depth === 0) later.checkAccess('SELECT', database, schema, name.name);
    };
    check(catalog);
    planner.dependencies.push({
      database: database.name,
      name: name.name,
      stillValid: (later) => {
        const same = later.view(later.database(database.name), schema, name.name)?.object === view.object;
        if (same) check(later);
        return same;
      },
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

function openSystemView(view: SystemView, alias: string, database: string | undefined): Access {
  return {
    columns: view.columns.map(fromResultColumn),
    alias,
    schema: view.schema,
    independent: true,
    rows: (run, _base, equalities) => view.rows(run.system(database), [], equalities),
  };
}
