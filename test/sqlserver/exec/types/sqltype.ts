import type { SqlType, SqlTypeName } from '../../contracts.ts';

/** Data type precedence (Transact-SQL): the lower type of an operation is converted to the higher. */
const PRECEDENCE: Readonly<Record<SqlTypeName, number>> = {
  sql_variant: 30,
  datetimeoffset: 28,
  datetime2: 27,
  datetime: 26,
  smalldatetime: 25,
  date: 24,
  time: 23,
  float: 22,
  real: 21,
  decimal: 20,
  numeric: 20,
  money: 19,
  smallmoney: 18,
  bigint: 17,
  int: 16,
  smallint: 15,
  tinyint: 14,
  bit: 13,
  ntext: 12,
  text: 11,
  image: 10,
  uniqueidentifier: 8,
  nvarchar: 7,
  sysname: 7,
  nchar: 6,
  varchar: 5,
  char: 4,
  varbinary: 3,
  binary: 2,
};

export type TypeFamily =
  | 'bit'
  | 'integer'
  | 'bigint'
  | 'decimal'
  | 'money'
  | 'float'
  | 'string'
  | 'binary'
  | 'guid'
  | 'date'
  | 'time'
  | 'datetime'
  | 'variant';

const FAMILY: Readonly<Record<SqlTypeName, TypeFamily>> = {
  bit: 'bit',
  tinyint: 'integer',
  smallint: 'integer',
  int: 'integer',
  bigint: 'bigint',
  decimal: 'decimal',
  numeric: 'decimal',
  money: 'money',
  smallmoney: 'money',
  real: 'float',
  float: 'float',
  char: 'string',
  varchar: 'string',
  nchar: 'string',
  nvarchar: 'string',
  text: 'string',
  ntext: 'string',
  sysname: 'string',
  binary: 'binary',
  varbinary: 'binary',
  image: 'binary',
  uniqueidentifier: 'guid',
  date: 'date',
  time: 'time',
  datetime: 'datetime',
  smalldatetime: 'datetime',
  datetime2: 'datetime',
  datetimeoffset: 'datetime',
  sql_variant: 'variant',
};

export const BIT: SqlType = { name: 'bit' };
export const TINYINT: SqlType = { name: 'tinyint' };
export const SMALLINT: SqlType = { name: 'smallint' };
export const INT: SqlType = { name: 'int' };
export const BIGINT: SqlType = { name: 'bigint' };
export const FLOAT: SqlType = { name: 'float' };
export const MONEY: SqlType = { name: 'money' };
export const DATETIME: SqlType = { name: 'datetime' };
export const DATE: SqlType = { name: 'date' };
export const UNIQUEIDENTIFIER: SqlType = { name: 'uniqueidentifier' };
export const SYSNAME: SqlType = { name: 'nvarchar', length: 128 };
export const VARIANT: SqlType = { name: 'sql_variant' };

export const varchar = (length: number): SqlType => ({ name: 'varchar', length: length > 8000 ? -1 : length });
export const nvarchar = (length: number): SqlType => ({ name: 'nvarchar', length: length > 4000 ? -1 : length });
export const varbinary = (length: number): SqlType => ({ name: 'varbinary', length: length > 8000 ? -1 : length });
export const numeric = (precision: number, scale: number): SqlType => ({ name: 'numeric', precision, scale });

export function familyOf(type: SqlType): TypeFamily {
  return FAMILY[type.name];
}

export function precedenceOf(type: SqlType): number {
  return PRECEDENCE[type.name];
}

export function isNational(type: SqlType): boolean {
  return type.name === 'nvarchar' || type.name === 'nchar' || type.name === 'ntext' || type.name === 'sysname';
}

export function isString(type: SqlType): boolean {
  return FAMILY[type.name] === 'string';
}

export function isMax(type: SqlType): boolean {
  return type.length === -1 || type.name === 'text' || type.name === 'ntext' || type.name === 'image';
}

/** Declared length in characters or bytes; Infinity for (max). */
export function lengthOf(type: SqlType): number {
  if (isMax(type)) return Infinity;
  if (type.name === 'sysname') return 128;
  return type.length ?? 1;
}

/** Precision and scale that a numeric type has as decimal ("Precision, scale, and length"). */
export function decimalShape(type: SqlType): { readonly precision: number; readonly scale: number } {
  switch (type.name) {
    case 'decimal':
    case 'numeric':
      return { precision: type.precision ?? 18, scale: type.scale ?? 0 };
    case 'money':
      return { precision: 19, scale: 4 };
    case 'smallmoney':
      return { precision: 10, scale: 4 };
    case 'bigint':
      return { precision: 19, scale: 0 };
    case 'int':
      return { precision: 10, scale: 0 };
    case 'smallint':
      return { precision: 5, scale: 0 };
    case 'tinyint':
      return { precision: 3, scale: 0 };
    case 'bit':
      return { precision: 1, scale: 0 };
    default:
      return { precision: 38, scale: 6 };
  }
}

/** Characters the text of a value of this type can need; for string results of implicit conversions. */
export function textLength(type: SqlType): number {
  switch (familyOf(type)) {
    case 'string':
    case 'binary':
      return lengthOf(type);
    case 'guid':
      return 36;
    case 'bit':
      return 1;
    case 'integer':
      return 12;
    case 'bigint':
      return 24;
    case 'decimal':
      return 41;
    case 'money':
      return 30;
    case 'float':
      return 53;
    case 'date':
      return 10;
    case 'time':
      return 16;
    case 'datetime':
      return type.name === 'datetimeoffset' ? 34 : 27;
    case 'variant':
      return 8000;
  }
}

/** As messages and sys.types name it, without arguments. */
export function typeName(type: SqlType): string {
  return type.name === 'sysname' ? 'nvarchar' : type.name;
}

/** The type both operands of a comparison, CASE or set operation are converted to. */
export function commonType(a: SqlType, b: SqlType): SqlType {
  const [high, low] = precedenceOf(a) >= precedenceOf(b) ? [a, b] : [b, a];
  const family = familyOf(high);
  if (family === 'decimal' && ['decimal', 'money', 'integer', 'bigint', 'bit'].includes(familyOf(low))) {
    const x = decimalShape(high);
    const y = decimalShape(low);
    const scale = Math.max(x.scale, y.scale);
    const whole = Math.max(x.precision - x.scale, y.precision - y.scale);
    const precision = Math.min(38, whole + scale);
    return { name: high.name, precision, scale: Math.min(scale, Math.max(0, 38 - whole)) };
  }
  if (family === 'string' && (familyOf(low) === 'string' || familyOf(low) === 'binary')) return commonString(high, low);
  if (family === 'binary' && familyOf(low) === 'binary') {
    return { name: high.name, length: longer(lengthOf(high), lengthOf(low)) };
  }
  if (family === 'datetime' || family === 'time') {
    const scale = Math.max(high.scale ?? 0, familyOf(low) === family ? (low.scale ?? 0) : 0);
    return high.scale === undefined ? high : { name: high.name, scale };
  }
  return high;
}

function commonString(high: SqlType, low: SqlType): SqlType {
  const length = longer(lengthOf(high), lengthOf(low));
  if (high.name === 'sysname') return { name: 'nvarchar', length };
  if (high.name === 'text' || high.name === 'ntext') return high;
  if (isNational(high)) {
    const name = high.name === 'nchar' && low.name === 'varchar' ? 'nvarchar' : high.name;
    return { name, length: length > 4000 ? -1 : length };
  }
  return { name: high.name, length: length > 8000 ? -1 : length };
}

function longer(a: number, b: number): number {
  const length = Math.max(a, b);
  return length === Infinity ? -1 : length;
}

export function sameType(a: SqlType, b: SqlType): boolean {
  return a.name === b.name && a.length === b.length && a.precision === b.precision && a.scale === b.scale;
}
