import type { KeyDefinition, Table } from '../../../contracts.ts';
import { sameName } from '../values.ts';

export interface CatalogIndex {
  /** 0 heap, 1 clustered, 2 and more nonclustered. */
  readonly id: number;
  readonly name: string | null;
  readonly type: 0 | 1 | 2;
  readonly typeDesc: 'HEAP' | 'CLUSTERED' | 'NONCLUSTERED';
  readonly isUnique: boolean;
  readonly key?: KeyDefinition;
}

/** A primary key is the clustered index (the default of CREATE TABLE); a table without one is a heap. */
export function indexesOf(table: Table): readonly CatalogIndex[] {
  const { keys } = table.definition;
  const primary = keys.find((key) => key.kind === 'primary');
  const first: CatalogIndex =
    primary === undefined
      ? { id: 0, name: null, type: 0, typeDesc: 'HEAP', isUnique: false }
      : { id: 1, name: primary.name, type: 1, typeDesc: 'CLUSTERED', isUnique: true, key: primary };
  const others = keys
    .filter((key) => key !== primary)
    .map((key, i): CatalogIndex => ({
      id: i + 2,
      name: key.name,
      type: 2,
      typeDesc: 'NONCLUSTERED',
      isUnique: key.kind === 'unique',
      key,
    }));
  return [first, ...others];
}

/** column_id, which is the ordinal: dropped columns leave no gap here. */
export const columnId = (table: Table, name: string): number =>
  table.definition.columns.findIndex((column) => sameName(column.name, name)) + 1;
