import type { SqlValue } from '../../contracts.ts';
import type { Compiled } from '../expression/compiled.ts';
import { textOf } from '../types/convert-text.ts';
import { sqlError } from '../types/errors.ts';
import { familyOf, isNational, nvarchar, textLength, varchar } from '../types/sqltype.ts';
import { asString, lengthOfString, strict, stringLike } from './define.ts';

const text = (value: SqlValue | undefined): string => value as string;

/** Case-insensitive search as the collation compares; case mapping keeps lengths for what people search. */
export function indexOf(haystack: string, needle: string, from: number): number {
  const upper = haystack.toUpperCase();
  if (upper.length !== haystack.length) return haystack.indexOf(needle, from);
  return upper.indexOf(needle.toUpperCase(), from);
}

export function range(start: number, count: number): [number, number] {
  if (count < 0) throw sqlError(537, 16, 3, 'Invalid length parameter passed to the LEFT or SUBSTRING function.');
  const begin = start - 1;
  return [Math.max(0, begin), Math.max(0, begin + count)];
}

export function sizeOf(source: Compiled): (value: SqlValue) => number {
  switch (familyOf(source.type)) {
    case 'string':
      return isNational(source.type) ? (value) => (value as string).length * 2 : (value) => (value as string).length;
    case 'binary':
      return (value) => (value as Uint8Array).length;
    default: {
      const sizes: Readonly<Record<string, number>> = {
        bit: 1,
        tinyint: 1,
        smallint: 2,
        int: 4,
        bigint: 8,
        real: 4,
        float: 8,
        money: 8,
        smallmoney: 4,
        uniqueidentifier: 16,
        date: 3,
        datetime: 8,
        smalldatetime: 4,
      };
      const { precision = 18, name, scale = 7 } = source.type;
      const time = scale <= 2 ? 3 : scale <= 4 ? 4 : 5;
      const size =
        sizes[name] ??
        (name === 'time'
          ? time
          : name === 'datetime2'
            ? time + 3
            : name === 'datetimeoffset'
              ? time + 5
              : precision <= 9
                ? 5
                : precision <= 19
                  ? 9
                  : precision <= 28
                    ? 13
                    : 17);
      return () => size;
    }
  }
}

export function trim(args: readonly Compiled[], left: boolean, right: boolean): Compiled {
  const source = asString(args[0] as Compiled);
  const set = args[1] === undefined ? undefined : asString(args[1]);
  return strict(stringLike(source, lengthOfString(source)), set === undefined ? [source] : [source, set], (values) => {
    const value = text(values[0]);
    const drop = set === undefined ? ' ' : text(values[1]);
    let begin = 0;
    let end = value.length;
    while (left && begin < end && drop.includes(value.charAt(begin))) begin += 1;
    while (right && end > begin && drop.includes(value.charAt(end - 1))) end -= 1;
    return value.slice(begin, end);
  });
}

export function replaceAll(value: string, search: string, replacement: string): string {
  if (search === '') return value;
  let result = '';
  let at = 0;
  for (;;) {
    const found = indexOf(value, search, at);
    if (found < 0) return result + value.slice(at);
    result += value.slice(at, found) + replacement;
    at = found + search.length;
  }
}

export function concat(args: readonly Compiled[]): Compiled {
  const national = args.some((arg) => isNational(arg.type));
  const total = args.reduce((sum, arg) => sum + (arg.untyped === true ? 1 : textLength(arg.type)), 0);
  const limit = national ? 4000 : 8000;
  return {
    type: national
      ? nvarchar(total === Infinity ? -1 : Math.min(total, limit))
      : varchar(total === Infinity ? -1 : Math.min(total, limit)),
    nullable: false,
    evaluate: (row, run) => args.map((arg) => textOf(arg.evaluate(row, run), arg.type)).join(''),
  };
}

export function concatWithSeparator(args: readonly Compiled[]): Compiled {
  const [separator, ...rest] = args as [Compiled, ...Compiled[]];
  const { type } = concat(args);
  return {
    type: type.length === -1 ? type : type.name === 'nvarchar' ? nvarchar(4000) : varchar(8000),
    nullable: false,
    evaluate: (row, run) => {
      const mark = textOf(separator.evaluate(row, run), separator.type);
      const values = rest.map((arg) => ({ value: arg.evaluate(row, run), type: arg.type }));
      return values.flatMap(({ value, type: of }) => (value === null ? [] : [textOf(value, of)])).join(mark);
    },
  };
}

export function quoteName(name: string, mark: string): string | null {
  if (name.length > 128) return null;
  const pairs: Readonly<Record<string, readonly [string, string]>> = {
    '[': ['[', ']'],
    ']': ['[', ']'],
    '"': ['"', '"'],
    "'": ["'", "'"],
    '(': ['(', ')'],
    ')': ['(', ')'],
    '<': ['<', '>'],
    '>': ['<', '>'],
    '{': ['{', '}'],
    '}': ['{', '}'],
    '`': ['`', '`'],
  };
  const pair = pairs[mark.charAt(0)];
  return pair === undefined ? null : pair[0] + name.replaceAll(pair[1], pair[1] + pair[1]) + pair[1];
}
