import type { SqlType, SqlTypeName } from '../../../contracts.ts';

export interface CatalogType {
  readonly name: string;
  readonly systemTypeId: number;
  readonly userTypeId: number;
  /** Bytes; -1 is max. */
  readonly maxLength: number;
  readonly precision: number;
  readonly scale: number;
  readonly hasCollation: boolean;
  readonly isNullable: boolean;
}

/** [name, system_type_id, user_type_id, max_length, precision, scale]: sys.types of a new database. */
const rows: readonly (readonly [string, number, number, number, number, number])[] = [
  ['image', 34, 34, 16, 0, 0],
  ['text', 35, 35, 16, 0, 0],
  ['uniqueidentifier', 36, 36, 16, 0, 0],
  ['date', 40, 40, 3, 10, 0],
  ['time', 41, 41, 5, 16, 7],
  ['datetime2', 42, 42, 8, 27, 7],
  ['datetimeoffset', 43, 43, 10, 34, 7],
  ['tinyint', 48, 48, 1, 3, 0],
  ['smallint', 52, 52, 2, 5, 0],
  ['int', 56, 56, 4, 10, 0],
  ['smalldatetime', 58, 58, 4, 16, 0],
  ['real', 59, 59, 4, 24, 0],
  ['money', 60, 60, 8, 19, 4],
  ['datetime', 61, 61, 8, 23, 3],
  ['float', 62, 62, 8, 53, 0],
  ['sql_variant', 98, 98, 8016, 0, 0],
  ['ntext', 99, 99, 16, 0, 0],
  ['bit', 104, 104, 1, 1, 0],
  ['decimal', 106, 106, 17, 38, 38],
  ['numeric', 108, 108, 17, 38, 38],
  ['smallmoney', 122, 122, 4, 10, 4],
  ['bigint', 127, 127, 8, 19, 0],
  ['varbinary', 165, 165, 8000, 0, 0],
  ['varchar', 167, 167, 8000, 0, 0],
  ['binary', 173, 173, 8000, 0, 0],
  ['char', 175, 175, 8000, 0, 0],
  ['nvarchar', 231, 231, 8000, 0, 0],
  ['nchar', 239, 239, 8000, 0, 0],
  ['sysname', 231, 256, 256, 0, 0],
];

const withCollation = new Set(['text', 'ntext', 'varchar', 'char', 'nvarchar', 'nchar', 'sysname']);

export const catalogTypes: readonly CatalogType[] = rows.map(
  ([name, systemTypeId, userTypeId, maxLength, precision, scale]) => ({
    name,
    systemTypeId,
    userTypeId,
    maxLength,
    precision,
    scale,
    hasCollation: withCollation.has(name),
    isNullable: name !== 'sysname',
  }),
);

const byName = new Map(catalogTypes.map((type) => [type.name, type]));

/** The catalog's view of a column's type: identifiers, and length in bytes. */
export function describeType(type: SqlType): CatalogType {
  const base = byName.get(type.name);
  if (!base) throw new Error(`no catalog entry for type ${type.name}`);
  return { ...base, ...(variable[type.name]?.(type) ?? {}) };
}

const bytesPerCharacter = (width: number) => (type: SqlType) => ({
  maxLength: type.length === -1 ? -1 : (type.length ?? 1) * width,
});

const fixedPoint = (type: SqlType) => {
  const precision = type.precision ?? 18;
  return {
    maxLength: precision <= 9 ? 5 : precision <= 19 ? 9 : precision <= 28 ? 13 : 17,
    precision,
    scale: type.scale ?? 0,
  };
};

/** Fractional seconds take 0, 1 or 2 bytes more; precision counts characters. */
const fraction = (bytes: number, characters: number) => (type: SqlType) => {
  const scale = type.scale ?? 7;
  return {
    maxLength: bytes + (scale <= 2 ? 0 : scale <= 4 ? 1 : 2),
    precision: characters + (scale === 0 ? 0 : scale + 1),
    scale,
  };
};

const variable: Partial<Record<SqlTypeName, (type: SqlType) => Partial<CatalogType>>> = {
  char: bytesPerCharacter(1),
  varchar: bytesPerCharacter(1),
  binary: bytesPerCharacter(1),
  varbinary: bytesPerCharacter(1),
  nchar: bytesPerCharacter(2),
  nvarchar: bytesPerCharacter(2),
  decimal: fixedPoint,
  numeric: fixedPoint,
  time: fraction(3, 8),
  datetime2: fraction(6, 19),
  datetimeoffset: fraction(8, 26),
};
