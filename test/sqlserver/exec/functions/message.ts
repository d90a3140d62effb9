import type { SqlType, SqlValue } from '../../contracts.ts';
import { unsupported } from '../../tsql/errors.ts';
import type { Compiled } from '../expression/compiled.ts';
import { sqlError } from '../types/errors.ts';
import { isString, nvarchar } from '../types/sqltype.ts';

export interface MessageArgument {
  readonly type: SqlType;
  readonly value: SqlValue;
}

/** The printf forms of RAISERROR and FORMATMESSAGE: %[flags][width][.precision][h|l|I64]{d|i|u|o|x|X|s}. */
export function formatMessage(template: string, args: readonly MessageArgument[]): string {
  let used = 0;
  const text = template.replace(
    /%([-+0# ]*)(\*|\d+)?(?:\.(\*|\d+))?(?:h|l|I64)?([a-zA-Z%])/g,
    (whole, flags: string, width: string | undefined, precision: string | undefined, kind: string) => {
      if (kind === '%') return '%';
      const size = width === '*' ? Number(args[used++]?.value ?? 0) : width === undefined ? 0 : Number(width);
      const digits =
        precision === '*' ? Number(args[used++]?.value ?? 0) : precision === undefined ? undefined : Number(precision);
      const argument = args[used];
      used += 1;
      return pad(render(kind, whole, argument, used, digits, flags), size, flags);
    },
  );
  return text.length > 2047 ? `${text.slice(0, 2044)}...` : text;
}

function render(
  kind: string,
  whole: string,
  argument: MessageArgument | undefined,
  position: number,
  digits: number | undefined,
  flags: string,
): string {
  if (!'diuoxXs'.includes(kind)) throw sqlError(2787, 16, 1, `Invalid format specification: '${whole}'.`);
  if (argument === undefined || argument.value === null) return '(null)';
  if (kind === 's') {
    if (!isString(argument.type)) throw mismatch(position);
    const text = argument.value as string;
    return digits === undefined ? text : text.slice(0, digits);
  }
  if (typeof argument.value !== 'number' && typeof argument.value !== 'bigint') throw mismatch(position);
  const value = BigInt(argument.value);
  const unsigned = BigInt.asUintN(typeof argument.value === 'bigint' ? 64 : 32, value);
  let text: string;
  if (kind === 'o') text = unsigned.toString(8);
  else if (kind === 'x') text = unsigned.toString(16);
  else if (kind === 'X') text = unsigned.toString(16).toUpperCase();
  else if (kind === 'u') text = unsigned.toString();
  else text = value.toString();
  if (flags.includes('#') && (kind === 'x' || kind === 'X')) text = `0${kind}${text}`;
  if (flags.includes('+') && value >= 0n && 'di'.includes(kind)) text = `+${text}`;
  if (digits !== undefined)
    text = text.replace(/^(-?)(\d+)$/, (_, sign: string, number: string) => sign + number.padStart(digits, '0'));
  return text;
}

function mismatch(position: number): Error {
  return sqlError(
    2786,
    16,
    1,
    `The data type of substitution parameter ${position} does not match the expected type of the format specification.`,
  );
}

function pad(text: string, width: number, flags: string): string {
  if (flags.includes('-')) return text.padEnd(width, ' ');
  if (flags.includes('0'))
    return text.startsWith('-') ? `-${text.slice(1).padStart(width - 1, '0')}` : text.padStart(width, '0');
  return text.padStart(width, ' ');
}

export function compileFormatMessage(args: readonly Compiled[]): Compiled {
  const [template, ...rest] = args;
  if (template === undefined || !isString(template.type)) throw unsupported('FORMATMESSAGE with a message number');
  return {
    type: nvarchar(2048),
    nullable: true,
    evaluate: (row, run) => {
      const text = template.evaluate(row, run);
      if (text === null) return null;
      return formatMessage(
        text as string,
        rest.map((arg) => ({ type: arg.type, value: arg.evaluate(row, run) })),
      );
    },
  };
}
