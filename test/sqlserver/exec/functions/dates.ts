import type { SqlMoment, SqlType } from '../../contracts.ts';
import { convertTo } from '../expression/arithmetic.ts';
import type { Compiled } from '../expression/compiled.ts';
import { switchOffset } from '../types/convert-moment.ts';
import { sqlError } from '../types/errors.ts';
import {
  daysInMonth,
  daysOf,
  partsOf,
  ticksOf,
  TICKS_PER_DAY,
  TICKS_PER_MINUTE,
  toDatetimePrecision,
} from '../types/moment.ts';
import { parseMoment, parseOffset } from '../types/parse-moment.ts';
import { DATE, DATETIME, INT, isString } from '../types/sqltype.ts';
import { asInt, asString, define, strict, type FunctionDefinition } from './define.ts';
import { addMonths, asMoment, moment } from './date-values.ts';

const now = (name: string, type: SqlType, shape: (local: bigint, offset: number) => SqlMoment): FunctionDefinition =>
  define(name, 0, 0, () => ({ type, nullable: false, evaluate: (_, run) => shape(run.now.ticks, run.offsetMinutes) }));

const utc = (local: bigint, offset: number): bigint => local - BigInt(offset) * TICKS_PER_MINUTE;

export const dateFunctions: readonly FunctionDefinition[] = [
  now('GETDATE', DATETIME, (local) => ({ ticks: toDatetimePrecision(local) })),
  now('CURRENT_TIMESTAMP', DATETIME, (local) => ({ ticks: toDatetimePrecision(local) })),
  now('GETUTCDATE', DATETIME, (local, offset) => ({ ticks: toDatetimePrecision(utc(local, offset)) })),
  now('SYSDATETIME', { name: 'datetime2', scale: 7 }, (local) => ({ ticks: local })),
  now('SYSUTCDATETIME', { name: 'datetime2', scale: 7 }, (local, offset) => ({ ticks: utc(local, offset) })),
  now('SYSDATETIMEOFFSET', { name: 'datetimeoffset', scale: 7 }, (local, offset) => ({
    ticks: local,
    offsetMinutes: offset,
  })),
  define('YEAR', 1, 1, ([arg]) =>
    strict(INT, [asMoment(arg as Compiled)], ([value]) => partsOf(moment(value).ticks).year),
  ),
  define('MONTH', 1, 1, ([arg]) =>
    strict(INT, [asMoment(arg as Compiled)], ([value]) => partsOf(moment(value).ticks).month),
  ),
  define('DAY', 1, 1, ([arg]) =>
    strict(INT, [asMoment(arg as Compiled)], ([value]) => partsOf(moment(value).ticks).day),
  ),
  define('EOMONTH', 1, 2, ([arg, months]) => {
    const source = asMoment(arg as Compiled);
    const count: Compiled = months === undefined ? { type: INT, nullable: false, evaluate: () => 0 } : asInt(months);
    return strict(DATE, [source, count], ([value, n]) => {
      const shifted = addMonths(moment(value).ticks, n as number);
      const { year, month } = partsOf(shifted);
      return { ticks: BigInt(daysOf(year, month, daysInMonth(year, month))) * TICKS_PER_DAY };
    });
  }),
  define('DATEFROMPARTS', 3, 3, (args) =>
    strict(DATE, args.map(asInt), (values) =>
      fromParts([values[0], values[1], values[2], 0, 0, 0, 0].map(Number), 'date'),
    ),
  ),
  define('DATETIMEFROMPARTS', 7, 7, (args) =>
    strict(DATETIME, args.map(asInt), (values) => {
      const numbers = [0, 1, 2, 3, 4, 5, 6].map((i) => Number(values[i]));
      const result = fromParts([...numbers.slice(0, 6), (numbers[6] ?? 0) * 10_000], 'datetime');
      return { ticks: toDatetimePrecision(result.ticks) };
    }),
  ),
  define('DATETIME2FROMPARTS', 8, 8, (args) => {
    const precision = args[7]?.constant?.value;
    const scale = typeof precision === 'number' ? precision : 7;
    return strict({ name: 'datetime2', scale }, args.map(asInt), (values) => {
      const numbers = [0, 1, 2, 3, 4, 5, 6].map((i) => Number(values[i]));
      return fromParts([...numbers.slice(0, 6), (numbers[6] ?? 0) * 10 ** (7 - scale)], 'datetime2');
    });
  }),
  define('SWITCHOFFSET', 2, 2, ([arg, offset]) => {
    const source = convertTo(arg as Compiled, { name: 'datetimeoffset', scale: (arg as Compiled).type.scale ?? 7 });
    return strict(source.type, [source, asOffset(offset as Compiled)], ([value, minutes]) =>
      switchOffset(moment(value), minutes as number),
    );
  }),
  define('TODATETIMEOFFSET', 2, 2, ([arg, offset]) => {
    const source = convertTo(arg as Compiled, { name: 'datetime2', scale: (arg as Compiled).type.scale ?? 7 });
    const type: SqlType = { name: 'datetimeoffset', scale: source.type.scale ?? 7 };
    return strict(type, [source, asOffset(offset as Compiled)], ([value, minutes]) => ({
      ticks: moment(value).ticks,
      offsetMinutes: minutes as number,
    }));
  }),
  define('ISDATE', 1, 1, ([arg]) => {
    const source = asString(arg as Compiled);
    return {
      type: INT,
      nullable: false,
      evaluate: (row, run) => {
        const value = source.evaluate(row, run);
        if (value === null) return 0;
        const parsed = parseMoment(value as string, run.convert.dateFormat);
        return parsed === undefined ||
          parsed === 'range' ||
          parsed.fractionDigits > 3 ||
          (value as string).trim() === ''
          ? 0
          : 1;
      },
    };
  }),
];

function asOffset(arg: Compiled): Compiled {
  if (!isString(arg.type)) return asInt(arg);
  return {
    type: INT,
    nullable: arg.nullable,
    evaluate: (row, run) => {
      const value = arg.evaluate(row, run);
      return value === null ? null : parseOffset(value as string);
    },
  };
}

function fromParts(values: readonly number[], type: string): SqlMoment {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction = 0] = values;
  const valid =
    year >= 1 &&
    year <= 9999 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysInMonth(year, month) &&
    hour >= 0 &&
    hour < 24 &&
    minute >= 0 &&
    minute < 60 &&
    second >= 0 &&
    second < 60 &&
    fraction >= 0 &&
    fraction < 10_000_000;
  if (!valid) {
    throw sqlError(
      289,
      16,
      1,
      `Cannot construct data type ${type}, some of the arguments have values which are not valid.`,
    );
  }
  return { ticks: ticksOf({ year, month, day, hour, minute, second, fraction }) };
}
