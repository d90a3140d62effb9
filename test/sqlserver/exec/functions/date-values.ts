import type { SqlMoment, SqlType } from '../../contracts.ts';
import { convertTo } from '../expression/arithmetic.ts';
import type { Compiled } from '../expression/compiled.ts';
import { converter } from '../types/convert.ts';
import { sqlError } from '../types/errors.ts';
import { daysInMonth, partsOf, ticksOf } from '../types/moment.ts';
import { DATETIME, familyOf, isString, typeName } from '../types/sqltype.ts';

/** Text becomes datetime2 so that nothing of it is lost; other types stay. */
export function asMoment(arg: Compiled, type: SqlType = { name: 'datetime2', scale: 7 }): Compiled {
  if (arg.untyped === true) return { ...arg, type };
  if (isString(arg.type)) {
    const zoned = converter(arg.type, { name: 'datetimeoffset', scale: 7 });
    return {
      nullable: arg.nullable,
      type: { name: 'datetimeoffset', scale: 7 },
      evaluate: (row, run) => zoned(arg.evaluate(row, run), run.convert),
    };
  }
  const family = familyOf(arg.type);
  if (['integer', 'bigint', 'decimal', 'money', 'float', 'bit'].includes(family)) return convertTo(arg, DATETIME);
  if (!['date', 'time', 'datetime'].includes(family)) {
    throw sqlError(
      8116,
      16,
      1,
      `Argument data type ${typeName(arg.type)} is invalid for argument 2 of a date function.`,
    );
  }
  return arg;
}

export const moment = (value: unknown): SqlMoment => value as SqlMoment;

export function addMonths(ticks: bigint, count: number): bigint {
  const parts = partsOf(ticks);
  const index = parts.year * 12 + parts.month - 1 + count;
  const year = Math.floor(index / 12);
  const month = (index % 12) + 1;
  if (year < 1 || year > 9999) throw overflow('date');
  const day = Math.min(parts.day, daysInMonth(year, month));
  return ticksOf({ ...parts, year, month, day });
}

export function overflow(type: string): Error {
  return sqlError(517, 16, 1, `Adding a value to a '${type}' column caused an overflow.`);
}
