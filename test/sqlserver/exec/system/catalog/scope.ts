import type { Table } from '../../../contracts.ts';
import type { SystemContext } from '../contract.ts';
import { objectsOf, type CatalogObject } from './objects.ts';

/** Temporary tables belong to tempdb. */
const temporaryTables = (context: SystemContext): Iterable<Table> =>
  context.database.name === 'tempdb' ? context.temporaryTables() : [];

/** Tables of the database in question; 927, 942 and the like when it can't be read. */
export function* tablesIn(context: SystemContext): Generator<Table> {
  context.database.open();
  yield* context.database.tables();
  yield* temporaryTables(context);
}

/** Objects of the database in question. */
export function objectsIn(context: SystemContext): Iterable<CatalogObject> {
  context.database.open();
  return objectsOf(context.database, temporaryTables(context));
}
