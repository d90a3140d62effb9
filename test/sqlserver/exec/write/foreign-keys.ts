import {
  SqlError,
  type Database,
  type ForeignKeyDefinition,
  type SqlValue,
  type StoredRow,
  type Table,
  type TableDefinition,
} from '../../contracts.ts';
import type { StatementRun } from '../interpreter/statement-run.ts';
import { hasher } from '../types/compare.ts';

interface Reference {
  readonly key: ForeignKeyDefinition;
  readonly child: Table;
}

/** FOREIGN KEY constraints that changes of one table can break; both sides are locked before rows change. */
export class ForeignKeys {
  readonly #database: Database;
  readonly #definition: TableDefinition;
  readonly #parents: { readonly key: ForeignKeyDefinition; readonly table: Table }[] = [];
  readonly #children: Reference[] = [];

  private constructor(database: Database, definition: TableDefinition) {
    this.#database = database;
    this.#definition = definition;
  }

  /** undefined when no foreign key is involved. */
  static async open(database: Database | undefined, table: Table, run: StatementRun): Promise<ForeignKeys | undefined> {
    if (database === undefined) return undefined;
    const { definition } = table;
    const keys = new ForeignKeys(database, definition);
    for (const key of definition.foreignKeys) {
      const parent = database.table(key.references.schema, key.references.table);
      if (parent === undefined) continue;
      if (parent !== table) await run.lock(database, parent, 'shared');
      keys.#parents.push({ key, table: parent });
    }
    for (const child of database.tables()) {
      for (const key of child.definition.foreignKeys) {
        if (!sameName(key.references.table, definition.name) || !sameName(key.references.schema, definition.schema))
          continue;
        if (child !== table) await run.lock(database, child, 'shared');
        keys.#children.push({ key, child });
      }
    }
    return keys.#parents.length === 0 && keys.#children.length === 0 ? undefined : keys;
  }

  /** After all rows of the statement are in place. */
  checkNew(rows: readonly (readonly SqlValue[])[], verb: string): void {
    for (const { key, table } of this.#parents) {
      const from = indexes(this.#definition, key.columns);
      const referenced = referencedColumns(key, table.definition);
      for (const values of rows) {
        const wanted = from.map((index) => values[index] as SqlValue);
        if (wanted.includes(null) || find(table, referenced, wanted)) continue;
        const { schema, name } = table.definition;
        throw this.#conflict(verb, 'FOREIGN KEY', key.name, `${schema}.${name}`, referenced);
      }
    }
  }

  /** Rows that were deleted or whose key changed must not be referenced any more. */
  checkOld(rows: readonly StoredRow[], verb: string, table: Table): void {
    for (const { key, child } of this.#children) {
      const referenced = referencedColumns(key, this.#definition);
      const at = indexes(this.#definition, referenced);
      for (const row of rows) {
        const wanted = at.map((index) => row.values[index] as SqlValue);
        if (wanted.includes(null) || !find(child, key.columns, wanted) || find(table, referenced, wanted)) continue;
        const { schema, name } = child.definition;
        throw this.#conflict(
          verb,
          child === table ? 'SAME TABLE REFERENCE' : 'REFERENCE',
          key.name,
          `${schema}.${name}`,
          key.columns,
        );
      }
    }
  }

  #conflict(verb: string, kind: string, name: string, table: string, columns: readonly string[]): SqlError {
    const column = columns.length === 1 ? `, column '${columns[0] as string}'` : '';
    return new SqlError({
      number: 547,
      class: 16,
      state: 0,
      text: `The ${verb} statement conflicted with the ${kind} constraint "${name}". The conflict occurred in database "${this.#database.name}", table "${table}"${column}.`,
    });
  }
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function referencedColumns(key: ForeignKeyDefinition, parent: TableDefinition): readonly string[] {
  if (key.references.columns.length > 0) return key.references.columns;
  return parent.keys.find((other) => other.kind === 'primary')?.columns.map((column) => column.name) ?? [];
}

function indexes(definition: TableDefinition, columns: readonly string[]): number[] {
  return columns.map((name) => definition.columns.findIndex((column) => sameName(column.name, name)));
}

function find(table: Table, columns: readonly string[], values: readonly SqlValue[]): boolean {
  const sought = table.seek(columns, values);
  if (sought !== undefined) {
    for (const _ of sought) return true;
    return false;
  }
  const at = indexes(table.definition, columns);
  const hashers = at.map((index) =>
    hasher((table.definition.columns[index] as TableDefinition['columns'][number]).type),
  );
  const wanted = values.map((value, i) => hashers[i]?.(value));
  for (const row of table.rows()) {
    if (at.every((index, i) => row.values[index] !== null && hashers[i]?.(row.values[index] as SqlValue) === wanted[i]))
      return true;
  }
  return false;
}
