import type { ColumnDefinition, SqlType, TableDefinition } from '../../contracts.ts';

const nvarchar = (length: number): SqlType => ({ name: 'nvarchar', length });
const numeric = (precision: number): SqlType => ({ name: 'numeric', precision, scale: 0 });
const plain = (name: 'int' | 'tinyint' | 'smallint' | 'bigint' | 'bit' | 'datetime' | 'uniqueidentifier'): SqlType => ({
  name,
});

export const TYPES = {
  int: plain('int'),
  tinyint: plain('tinyint'),
  smallint: plain('smallint'),
  bigint: plain('bigint'),
  bit: plain('bit'),
  datetime: plain('datetime'),
  guid: plain('uniqueidentifier'),
  char1: { name: 'char', length: 1 },
  name: nvarchar(128),
  text255: nvarchar(255),
  path: nvarchar(260),
  text64: nvarchar(64),
  text60: nvarchar(60),
  text32: nvarchar(32),
  thumbprint: { name: 'varbinary', length: 20 },
  lsn: numeric(25),
  size: numeric(20),
  count: numeric(10),
} as const satisfies Record<string, SqlType>;

export type ColumnList = readonly (readonly [name: string, type: SqlType, rule?: 'not null' | 'identity'])[];

export function historyTable(
  name: string,
  columns: ColumnList,
  key: readonly string[],
  index?: string,
): TableDefinition {
  const definitions = columns.map(([column, type, rule]): ColumnDefinition => ({
    name: column,
    type,
    nullable: rule === undefined,
    ...(rule === 'identity' ? { identity: { seed: 1n, increment: 1n } } : {}),
  }));
  const ascending = (columnName: string) => ({ name: columnName, descending: false });
  return {
    schema: 'dbo',
    name,
    columns: definitions,
    keys: [
      ...(key.length > 0 ? [{ name: `PK__${name}`, kind: 'primary' as const, columns: key.map(ascending) }] : []),
      ...(index === undefined
        ? []
        : [{ name: `${name}_${index}`, kind: 'index' as const, columns: [ascending(index)] }]),
    ],
    checks: [],
    foreignKeys: [],
  };
}
