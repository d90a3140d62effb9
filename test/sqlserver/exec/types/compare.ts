import type { Decimal, SqlMoment, SqlType, SqlValue, Variant } from '../../contracts.ts';
import { collationKey, compareStrings } from './collation.ts';
import { compareDecimal, decimalText } from './decimal.ts';
import { utcTicks } from './moment.ts';
import { familyOf, precedenceOf } from './sqltype.ts';

/** Order of two non-null values of one type. */
export type Comparator = (a: SqlValue, b: SqlValue) => number;

export function comparator(type: SqlType): Comparator {
  switch (familyOf(type)) {
    case 'bit':
      return (a, b) => Number(a) - Number(b);
    case 'integer':
    case 'float':
      return (a, b) => (a as number) - (b as number);
    case 'bigint':
      return (a, b) => ((a as bigint) < (b as bigint) ? -1 : (a as bigint) > (b as bigint) ? 1 : 0);
    case 'decimal':
    case 'money':
      return (a, b) => compareDecimal(a as Decimal, b as Decimal);
    case 'string':
      return (a, b) => compareStrings(a as string, b as string);
    case 'guid':
      return (a, b) => compareGuids(a as string, b as string);
    case 'binary':
      return (a, b) => compareBytes(a as Uint8Array, b as Uint8Array);
    case 'date':
    case 'time':
    case 'datetime':
      if (type.name === 'datetimeoffset')
        return (a, b) => compareBigints(utcTicks(a as SqlMoment), utcTicks(b as SqlMoment));
      return (a, b) => compareBigints((a as SqlMoment).ticks, (b as SqlMoment).ticks);
    case 'variant':
      return compareVariants;
  }
}

/** Nulls first, as ORDER BY sorts them. */
export function nullsFirst(compare: Comparator): Comparator {
  return (a, b) => (a === null ? (b === null ? 0 : -1) : b === null ? 1 : compare(a, b));
}

function compareBigints(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Shorter binaries compare as if padded with zeros. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** uniqueidentifier sorts by its last six bytes first, then group by group towards the front. */
function compareGuids(a: string, b: string): number {
  if (a === b) return 0;
  const key = (guid: string): string => {
    const [one = '', two = '', three = '', four = '', five = ''] = guid.toUpperCase().split('-');
    const swap = (group: string): string => (group.match(/../g) ?? []).reverse().join('');
    return five + four + swap(three) + swap(two) + swap(one);
  };
  const x = key(a);
  const y = key(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

function compareVariants(a: SqlValue, b: SqlValue): number {
  const x = a as Variant;
  const y = b as Variant;
  if (familyOf(x.type) !== familyOf(y.type)) return precedenceOf(x.type) - precedenceOf(y.type);
  return nullsFirst(comparator(x.type))(x.value, y.value);
}

/** A key that is equal for equal values: for hash joins, GROUP BY and DISTINCT. Null has its own key. */
export type Hasher = (value: SqlValue) => string | number | bigint | boolean | null;

export function hasher(type: SqlType): Hasher {
  switch (familyOf(type)) {
    case 'bit':
    case 'integer':
    case 'bigint':
      return (value) => value as number;
    case 'float':
      return (value) => (value === 0 ? 0 : (value as number));
    case 'decimal':
    case 'money':
      return (value) => (value === null ? null : canonicalDecimal(value as Decimal));
    case 'string':
      return (value) => (value === null ? null : collationKey(value as string));
    case 'guid':
      return (value) => value as string;
    case 'binary':
      return (value) =>
        value === null
          ? null
          : Buffer.from(value as Uint8Array)
              .toString('latin1')
              .replace(/\0+$/, '');
    case 'date':
    case 'time':
    case 'datetime':
      return (value) => (value === null ? null : utcTicks(value as SqlMoment));
    case 'variant':
      return (value) => {
        if (value === null) return null;
        const variant = value as Variant;
        return `${familyOf(variant.type)}:${String(hasher(variant.type)(variant.value))}`;
      };
  }
}

function canonicalDecimal(value: Decimal): string {
  const text = decimalText(value);
  return value.scale === 0 ? text : text.replace(/\.?0+$/, '');
}

/** Several values as one key; parts are length-prefixed so that neighbours cannot be confused. */
export function compositeKey(
  hashers: readonly Hasher[],
  values: readonly SqlValue[],
): string | number | bigint | boolean | null {
  if (hashers.length === 1) return (hashers[0] as Hasher)(values[0] as SqlValue);
  let key = '';
  for (let i = 0; i < hashers.length; i += 1) {
    const part = (hashers[i] as Hasher)(values[i] as SqlValue);
    const text = part === null ? '' : String(part);
    key += part === null ? 'n|' : `${text.length}:${text}|`;
  }
  return key;
}
