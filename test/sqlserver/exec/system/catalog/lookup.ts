import type { Database, Table } from '../../../contracts.ts';
import type { SystemContext } from '../contract.ts';
import { objectName } from '../names.ts';
import { sameName } from '../values.ts';
import { isOpen } from './states.ts';
import { objectsOf, type CatalogObject } from './objects.ts';
import { defaultSchema } from './schemas.ts';
import { systemObjects } from './system-objects.ts';

export interface FoundObject {
  readonly id: number;
  readonly name: string;
  readonly schema: string;
  readonly schemaId: number;
  readonly type: string;
  /** Set for objects of users. */
  readonly object?: CatalogObject;
}

/** Metadata functions answer NULL, not an error, for a database the caller can't enter or that is not open. */
function readable(context: SystemContext, database: Database | undefined): Database | undefined {
  if (database === undefined || !isOpen(database)) return undefined;
  if (database !== context.database && !context.permissions.mayEnter(database)) return undefined;
  database.open();
  return database;
}

const temporary = (context: SystemContext, database: Database): Iterable<Table> =>
  database.name === 'tempdb' ? context.temporaryTables() : [];

const fromCatalog = (object: CatalogObject): FoundObject => ({ ...object, object });

/** The object a name of one to three parts means; the caller's schema, dbo and then sys when it names no schema. */
export function findByName(context: SystemContext, text: string): FoundObject | undefined {
  const name = objectName(text);
  if (name === undefined) return undefined;
  const database = readable(
    context,
    name.database === undefined ? context.database : context.instance.database(name.database),
  );
  if (database === undefined) return undefined;
  if (name.name.startsWith('#')) return findTemporary(context, database, name.name);
  const schemas = name.schema === undefined ? [defaultSchema(context, database), 'dbo'] : [name.schema];
  const own = firstOwn(database, schemas, name.name);
  if (own !== undefined) return fromCatalog(own);
  const system = systemObjects(database.name).find(
    (object) =>
      sameName(object.name, name.name) &&
      (name.schema === undefined
        ? object.schema !== 'INFORMATION_SCHEMA' && !isCatalogView(object.name)
        : sameName(object.schema, name.schema) || (sameName(name.schema, 'dbo') && !isCatalogView(object.name))),
  );
  return system;
}

/** sys.databases must be called so; sysdatabases, sp_who and the like answer to a bare name as well. */
const isCatalogView = (name: string): boolean => !/^(sys[a-z]+$|sp_|xp_|spt_)/.test(name);

function findTemporary(context: SystemContext, database: Database, name: string): FoundObject | undefined {
  for (const table of temporary(context, database)) {
    if (sameName(table.definition.name, name)) {
      return { id: table.id, name, schema: 'dbo', schemaId: 1, type: 'U ' };
    }
  }
  return undefined;
}

function firstOwn(database: Database, schemas: readonly string[], name: string): CatalogObject | undefined {
  for (const schema of schemas) {
    const found = findOwn(database, schema, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Tables and text objects through the engine's own index, constraints by search. */
function findOwn(database: Database, schema: string, name: string): CatalogObject | undefined {
  const direct = database.table(schema, name) ?? database.object(schema, name);
  for (const object of objectsOf(database)) {
    if (
      direct === undefined ? sameName(object.name, name) && sameName(object.schema, schema) : object.id === direct.id
    ) {
      return object;
    }
  }
  return undefined;
}

export function findById(context: SystemContext, id: number, database: Database | undefined): FoundObject | undefined {
  const target = readable(context, database);
  if (target === undefined) return undefined;
  for (const object of objectsOf(target, temporary(context, target))) if (object.id === id) return fromCatalog(object);
  return systemObjects(target.name).find((object) => object.id === id);
}

/** The table behind an object id, for functions about its columns. */
export function tableById(context: SystemContext, id: number): Table | undefined {
  const target = readable(context, context.database);
  if (target === undefined) return undefined;
  for (const table of target.tables()) if (table.id === id) return table;
  for (const table of context.temporaryTables()) if (table.id === id) return table;
  return undefined;
}
