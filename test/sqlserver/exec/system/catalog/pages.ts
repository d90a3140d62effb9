import type { SqlType, Table } from '../../../contracts.ts';
import type { CatalogIndex } from './indexes.ts';
import { describeType } from './types.ts';

export interface PageCount {
  readonly data: number;
  readonly used: number;
  readonly reserved: number;
}

const bytesPerPage = 8060;
const rowOverhead = 11;

/** A character or binary column is taken as half full, a (max) one as a hundred bytes. */
function expectedBytes(type: SqlType): number {
  const { maxLength } = describeType(type);
  if (maxLength < 0) return 100;
  return type.name.includes('var') || type.name === 'sysname' ? maxLength / 2 : maxLength;
}

/**
 * An estimate from the number of rows and the declared types: this server's files do not hold rows in pages of 8 KB.
 * Rows times expected size, and the IAM page that every allocation unit has.
 */
export function pagesOf(table: Table, index: CatalogIndex): PageCount {
  if (table.rowCount === 0) return { data: 0, used: 0, reserved: 0 };
  const { columns } = table.definition;
  const kept =
    index.type === 2 ? columns.filter((column) => index.key?.columns.some((key) => key.name === column.name)) : columns;
  const rowBytes = rowOverhead + kept.reduce((sum, column) => sum + expectedBytes(column.type), 0);
  const rowsPerPage = Math.max(1, Math.floor(bytesPerPage / rowBytes));
  const data = Math.ceil(table.rowCount / rowsPerPage);
  const used = data + 1;
  return { data, used, reserved: Math.ceil(data / 8) * 8 + 1 };
}
