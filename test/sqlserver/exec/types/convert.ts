import { type SqlType, type SqlValue, type Variant } from '../../contracts.ts';
import { cannotConvert, cannotConvertImplicitly, operandClash } from './errors.ts';
import { type DateFormat } from './parse-moment.ts';
import { familyOf, typeName } from './sqltype.ts';
import { toText } from './convert-text.ts';
import { toBit, toDecimal, toFloat, toInteger, toMoney } from './convert-number.ts';
import { toBinary, toGuid } from './convert-binary.ts';
import { toMoment } from './convert-moment.ts';

export interface ConvertContext {
  readonly dateFormat: DateFormat;
}

export type Converter = (value: SqlValue, context: ConvertContext) => SqlValue;

export interface ConvertOptions {
  readonly explicit?: boolean;
  readonly style?: number;
}

/** A conversion between two types, chosen once; nulls stay null. @throws SqlError when the types forbid it. */
export function converter(from: SqlType, to: SqlType, options: ConvertOptions = {}): Converter {
  checkAllowed(from, to, options.explicit ?? false);
  const convert = choose(from, to, options.style);
  return (value, context) => (value === null ? null : convert(value, context));
}

export function convertValue(
  value: SqlValue,
  from: SqlType,
  to: SqlType,
  context: ConvertContext,
  options: ConvertOptions = {},
): SqlValue {
  return converter(from, to, options)(value, context);
}

/** CAST and CONVERT (Transact-SQL), the chart of implicit and explicit conversions. */
function checkAllowed(from: SqlType, to: SqlType, explicit: boolean): void {
  const a = familyOf(from);
  const b = familyOf(to);
  if (a === b || a === 'variant' || b === 'variant') {
    if (a === 'variant' && b !== 'variant' && !explicit) throw cannotConvertImplicitly('sql_variant', typeName(to));
    return;
  }
  const numbers = ['bit', 'integer', 'bigint', 'decimal', 'money', 'float'];
  const old = (type: SqlType): boolean => type.name === 'datetime' || type.name === 'smalldatetime';
  const dates = ['date', 'time', 'datetime'];
  let allowed: 'no' | 'explicit' | 'implicit' = 'implicit';
  if (numbers.includes(a) && dates.includes(b)) allowed = old(to) ? 'implicit' : 'no';
  else if (dates.includes(a) && numbers.includes(b)) allowed = old(from) ? 'explicit' : 'no';
  else if ((a === 'date' && b === 'time') || (a === 'time' && b === 'date')) allowed = 'no';
  else if (a === 'guid') allowed = b === 'string' || b === 'binary' ? 'implicit' : 'no';
  else if (b === 'guid') allowed = a === 'string' || a === 'binary' ? 'implicit' : 'no';
  else if (a === 'string' && b === 'binary') allowed = 'explicit';
  else if (a === 'binary' && b === 'float') allowed = 'no';
  else if (a === 'float' && b === 'binary') allowed = 'implicit';
  if (allowed === 'no')
    throw explicit ? cannotConvert(typeName(from), typeName(to)) : operandClash(typeName(from), typeName(to));
  if (allowed === 'explicit' && !explicit) throw cannotConvertImplicitly(typeName(from), typeName(to));
}

function choose(
  from: SqlType,
  to: SqlType,
  style: number | undefined,
): (value: SqlValue, context: ConvertContext) => SqlValue {
  if (from.name === 'sql_variant' && to.name !== 'sql_variant') {
    return (value, context) => {
      const variant = value as Variant;
      return converter(variant.type, to, { explicit: true, ...(style === undefined ? {} : { style }) })(
        variant.value,
        context,
      );
    };
  }
  switch (familyOf(to)) {
    case 'variant':
      return from.name === 'sql_variant' ? (value) => value : (value) => ({ type: from, value });
    case 'string':
      return toText(from, to, style);
    case 'integer':
    case 'bigint':
      return toInteger(from, to);
    case 'bit':
      return toBit(from);
    case 'decimal':
      return toDecimal(from, to);
    case 'money':
      return toMoney(from, to);
    case 'float':
      return toFloat(from, to);
    case 'binary':
      return toBinary(from, to, style);
    case 'guid':
      return toGuid(from);
    case 'date':
    case 'time':
    case 'datetime':
      return toMoment(from, to, style);
  }
}

// ---------------------------------------------------------------------------------------------------- to strings

// ---------------------------------------------------------------------------------------------------- to numbers

// ------------------------------------------------------------------------------------------- to binary and GUIDs

// --------------------------------------------------------------------------------------------------- to date, time
