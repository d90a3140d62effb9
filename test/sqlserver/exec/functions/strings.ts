import { createHash } from 'node:crypto';
import type { SqlValue } from '../../contracts.ts';
import { patternSource } from '../expression/like.ts';
import type { Compiled } from '../expression/compiled.ts';
import { collationKey } from '../types/collation.ts';
import { converter } from '../types/convert.ts';
import { decimalText, rescale, fromNumber } from '../types/decimal.ts';
import { sqlError } from '../types/errors.ts';
import {
  BIGINT,
  familyOf,
  INT,
  isMax,
  isNational,
  isString,
  lengthOf,
  nvarchar,
  typeName,
  varbinary,
  varchar,
} from '../types/sqltype.ts';
import { convertTo } from '../expression/arithmetic.ts';
import { asInt, asString, define, lengthOfString, strict, stringLike, type FunctionDefinition } from './define.ts';
import { concat, concatWithSeparator, indexOf, quoteName, range, replaceAll, sizeOf, trim } from './string-values.ts';

const text = (value: SqlValue | undefined): string => value as string;

const int = (value: SqlValue | undefined): number => value as number;

function simple(name: string, apply: (value: string) => string): FunctionDefinition {
  return define(name, 1, 1, ([arg]) => {
    const source = asString(arg as Compiled);
    return strict(stringLike(source, lengthOfString(source)), [source], ([value]) => apply(text(value)));
  });
}

export const stringFunctions: readonly FunctionDefinition[] = [
  define('LEN', 1, 1, ([arg]) => {
    const source = asString(arg as Compiled);
    const big = isMax(source.type);
    return strict(big ? BIGINT : INT, [source], ([value]) => {
      const length = text(value).replace(/ +$/, '').length;
      return big ? BigInt(length) : length;
    });
  }),
  define('DATALENGTH', 1, 1, ([arg]) => {
    const source = arg as Compiled;
    const big = isMax(source.type);
    const size = sizeOf(source);
    return strict(big ? BIGINT : INT, [source], ([value]) => {
      const length = size(value as SqlValue);
      return big ? BigInt(length) : length;
    });
  }),
  define('SUBSTRING', 3, 3, ([arg, start, count]) => {
    const source = arg as Compiled;
    if (familyOf(source.type) === 'binary') {
      const args = [source, asInt(start as Compiled), asInt(count as Compiled)];
      return strict(
        varbinary(lengthOf(source.type) === Infinity ? -1 : lengthOf(source.type)),
        args,
        ([bytes, from, length]) => {
          const [begin, end] = range(int(from), int(length));
          return (bytes as Uint8Array).slice(begin, end);
        },
      );
    }
    if (!isString(source.type) && source.untyped !== true) {
      throw sqlError(
        8116,
        16,
        1,
        `Argument data type ${typeName(source.type)} is invalid for argument 1 of substring function.`,
      );
    }
    const value = asString(source);
    const args = [value, asInt(start as Compiled), asInt(count as Compiled)];
    return strict(stringLike(value, lengthOfString(value)), args, (values) => {
      const [begin, end] = range(int(values[1]), int(values[2]));
      return text(values[0]).slice(begin, end);
    });
  }),
  define('LEFT', 2, 2, ([arg, count]) => {
    const source = asString(arg as Compiled);
    return strict(stringLike(source, lengthOfString(source)), [source, asInt(count as Compiled)], ([value, n]) => {
      if (int(n) < 0) throw sqlError(536, 16, 2, 'Invalid length parameter passed to the LEFT function.');
      return text(value).slice(0, int(n));
    });
  }),
  define('RIGHT', 2, 2, ([arg, count]) => {
    const source = asString(arg as Compiled);
    return strict(stringLike(source, lengthOfString(source)), [source, asInt(count as Compiled)], ([value, n]) => {
      if (int(n) < 0) throw sqlError(536, 16, 4, 'Invalid length parameter passed to the RIGHT function.');
      return int(n) === 0 ? '' : text(value).slice(-int(n));
    });
  }),
  simple('UPPER', (value) => value.toUpperCase()),
  simple('LOWER', (value) => value.toLowerCase()),
  simple('REVERSE', (value) => [...value].reverse().join('')),
  define('LTRIM', 1, 2, (args) => trim(args, true, false)),
  define('RTRIM', 1, 2, (args) => trim(args, false, true)),
  define('TRIM', 1, 2, (args) => trim(args, true, true)),
  define('REPLACE', 3, 3, (args) => {
    const [source, from, to] = args.map(asString) as [Compiled, Compiled, Compiled];
    const national = [source, from, to].some((arg) => isNational(arg.type));
    const type = isMax(source.type) ? stringLike(source, Infinity) : national ? nvarchar(4000) : varchar(8000);
    return strict(type, [source, from, to], ([value, search, replacement]) =>
      replaceAll(text(value), text(search), text(replacement)),
    );
  }),
  define('STUFF', 4, 4, ([arg, start, count, insert]) => {
    const source = asString(arg as Compiled);
    const added = asString({ ...(insert as Compiled) });
    const { evaluate } = added;
    const args = [source, asInt(start as Compiled), asInt(count as Compiled)];
    const type = isMax(source.type)
      ? stringLike(source, Infinity)
      : isNational(source.type) || isNational(added.type)
        ? nvarchar(4000)
        : varchar(8000);
    const inner = strict(type, args, () => null);
    return {
      ...inner,
      evaluate: (row, run) => {
        const [value, from, length] = args.map((part) => part.evaluate(row, run));
        if (value === null || from === null || length === null) return null;
        const at = int(from);
        if (at < 1 || at > text(value).length || int(length) < 0) return null;
        return (
          text(value).slice(0, at - 1) +
          ((evaluate(row, run) as string | null) ?? '') +
          text(value).slice(at - 1 + int(length))
        );
      },
    };
  }),
  define('CHARINDEX', 2, 3, ([needle, haystack, start]) => {
    const args = [
      asString(needle as Compiled),
      asString(haystack as Compiled),
      ...(start === undefined ? [] : [asInt(start)]),
    ];
    return strict(INT, args, (values) => {
      const search = text(values[0]);
      if (search === '') return 0;
      return indexOf(text(values[1]), search, Math.max(0, start === undefined ? 0 : int(values[2]) - 1)) + 1;
    });
  }),
  define('PATINDEX', 2, 2, ([pattern, source]) =>
    strict(INT, [asString(pattern as Compiled), asString(source as Compiled)], ([form, value]) => {
      const like = text(form);
      const open = like.startsWith('%');
      const body = open ? like.slice(1) : like;
      const closed = body.endsWith('%') ? body.slice(0, -1) : body;
      const expression = new RegExp(
        `${open ? '' : '^'}(?:${patternSource(closed)})${body.endsWith('%') ? '' : '$'}`,
        'isu',
      );
      return text(value).search(expression) + 1;
    }),
  ),
  define('CONCAT', 2, 254, (args) => concat(args)),
  define('CONCAT_WS', 3, 254, (args) => concatWithSeparator(args)),
  define('QUOTENAME', 1, 2, ([arg, mark]) => {
    const source = convertTo(asString(arg as Compiled), nvarchar(-1));
    const args = [source, ...(mark === undefined ? [] : [asString(mark)])];
    return strict(nvarchar(258), args, (values) =>
      quoteName(text(values[0]), mark === undefined ? '[' : text(values[1])),
    );
  }),
  define('REPLICATE', 2, 2, ([arg, count]) => {
    const source = asString(arg as Compiled);
    const max = isMax(source.type);
    const limit = isNational(source.type) ? 4000 : 8000;
    const type = stringLike(source, max ? Infinity : limit);
    return strict(type, [source, asInt(count as Compiled)], ([value, n]) => {
      if (int(n) < 0) return null;
      // Not (max): the result stops at 8000 bytes.
      const times = max ? int(n) : Math.min(int(n), Math.ceil(limit / Math.max(1, text(value).length)));
      const result = text(value).repeat(times);
      return max ? result : result.slice(0, limit);
    });
  }),
  define('SPACE', 1, 1, ([count]) =>
    strict(varchar(8000), [asInt(count as Compiled)], ([n]) =>
      int(n) < 0 ? null : ' '.repeat(Math.min(int(n), 8000)),
    ),
  ),
  define('STR', 1, 3, ([value, length, digits]) => {
    const args = [
      convertTo(value as Compiled, { name: 'float' }),
      ...(length === undefined ? [] : [asInt(length)]),
      ...(digits === undefined ? [] : [asInt(digits)]),
    ];
    return strict(varchar(8000), args, (values) => {
      const width = length === undefined ? 10 : int(values[1]);
      const scale = digits === undefined ? 0 : Math.min(16, int(values[2]));
      const result = decimalText(rescale(fromNumber(int(values[0]), scale), scale));
      return result.length > width ? '*'.repeat(width) : result.padStart(width, ' ');
    });
  }),
  define('ASCII', 1, 1, ([arg]) =>
    strict(INT, [asString(arg as Compiled)], ([value]) =>
      text(value) === '' ? null : (Buffer.from(text(value).charAt(0), 'latin1')[0] ?? null),
    ),
  ),
  define('UNICODE', 1, 1, ([arg]) =>
    strict(INT, [asString(arg as Compiled)], ([value]) => (text(value) === '' ? null : text(value).charCodeAt(0))),
  ),
  define('CHAR', 1, 1, ([arg]) =>
    strict({ name: 'char', length: 1 }, [asInt(arg as Compiled)], ([code]) =>
      int(code) < 0 || int(code) > 255 ? null : new TextDecoder('windows-1252').decode(Uint8Array.of(int(code))),
    ),
  ),
  define('NCHAR', 1, 1, ([arg]) =>
    strict({ name: 'nchar', length: 1 }, [asInt(arg as Compiled)], ([code]) =>
      int(code) < 0 || int(code) > 0xffff ? null : String.fromCharCode(int(code)),
    ),
  ),
  define('TRANSLATE', 3, 3, (args) => {
    const [source, from, to] = args.map(asString) as [Compiled, Compiled, Compiled];
    return strict(stringLike(source, lengthOfString(source)), [source, from, to], ([value, set, replacement]) => {
      if (text(set).length !== text(replacement).length) {
        throw sqlError(
          9828,
          16,
          1,
          'The second and third arguments of the TRANSLATE built-in function must contain an equal number of characters.',
        );
      }
      const key = collationKey(text(set).replaceAll(' ', '\u00a0'));
      return [...text(value)]
        .map((c) => {
          const at = key.indexOf(c === ' ' ? '\u00a0' : c.toUpperCase());
          return at < 0 ? c : text(replacement).charAt(at);
        })
        .join('');
    });
  }),
  define('PARSENAME', 2, 2, ([name, part]) =>
    strict(nvarchar(128), [asString(name as Compiled), asInt(part as Compiled)], ([value, n]) => {
      const parts = text(value).match(/\[(?:[^\]]|\]\])*\]|[^.]+/g) ?? [];
      if (parts.length > 4) return null;
      const found = parts.reverse()[int(n) - 1];
      return found === undefined ? null : found.startsWith('[') ? found.slice(1, -1).replaceAll(']]', ']') : found;
    }),
  ),
  define('HASHBYTES', 2, 2, ([algorithm, arg]) => {
    const source = arg as Compiled;
    if (familyOf(source.type) !== 'string' && familyOf(source.type) !== 'binary') {
      throw sqlError(
        8116,
        16,
        1,
        `Argument data type ${typeName(source.type)} is invalid for argument 2 of hashbytes function.`,
      );
    }
    const bytes = converter(source.type, varbinary(-1), { explicit: true });
    return strict(varbinary(8000), [asString(algorithm as Compiled), source], ([name, value], run) => {
      const node = { md5: 'md5', sha: 'sha1', sha1: 'sha1', sha2_256: 'sha256', sha2_512: 'sha512' }[
        text(name).toLowerCase()
      ];
      if (node === undefined) return null;
      return Uint8Array.from(
        createHash(node)
          .update(bytes(value as SqlValue, run.convert) as Uint8Array)
          .digest(),
      );
    });
  }),
];
