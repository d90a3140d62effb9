import type { SqlType, SqlValue } from '../../contracts.ts';
import { convertTo } from '../expression/arithmetic.ts';
import type { Compiled, Run } from '../expression/compiled.ts';
import type { Flow, Row } from '../expression/row.ts';
import type { ScopeColumn } from '../expression/scope.ts';
import { asInt, asString } from '../functions/define.ts';
import { sqlError } from '../types/errors.ts';
import { BIGINT } from '../types/sqltype.ts';

export interface TableFunction {
  readonly columns: readonly ScopeColumn[];
  rows(run: Run, base: Row): Flow<readonly SqlValue[]>;
}

/** STRING_SPLIT and GENERATE_SERIES; undefined for every other name. */
export function tableFunction(name: string, args: readonly Compiled[]): TableFunction | undefined {
  switch (name.toUpperCase()) {
    case 'STRING_SPLIT':
      return stringSplit(args);
    case 'GENERATE_SERIES':
      return generateSeries(args);
    default:
      return undefined;
  }
}

function stringSplit(args: readonly Compiled[]): TableFunction {
  const [source, separator, ordinal] = args;
  if (source === undefined || separator === undefined) {
    throw sqlError(
      313,
      16,
      3,
      'An insufficient number of arguments were supplied for the procedure or function STRING_SPLIT.',
    );
  }
  const text = asString(source);
  const mark = asString(separator);
  const numbered = ordinal !== undefined && ordinal.constant?.value === 1;
  const value: ScopeColumn = { name: 'value', type: text.type, nullable: false };
  return {
    columns: numbered ? [value, { name: 'ordinal', type: BIGINT, nullable: false }] : [value],
    *rows(run, base) {
      const whole = text.evaluate(base, run) as string | null;
      const by = mark.evaluate(base, run) as string | null;
      if (by === null || by.length !== 1) {
        throw sqlError(214, 16, 11, "Procedure expects parameter 'separator' of type 'nchar(1)/nvarchar(1)'.");
      }
      if (whole === null) return;
      let n = 0n;
      for (const part of whole.split(by)) {
        n += 1n;
        yield numbered ? [part, n] : [part];
      }
    },
  };
}

function generateSeries(args: readonly Compiled[]): TableFunction {
  const [start, stop, step] = args;
  if (start === undefined || stop === undefined) {
    throw sqlError(
      313,
      16,
      3,
      'An insufficient number of arguments were supplied for the procedure or function GENERATE_SERIES.',
    );
  }
  const type: SqlType = start.type.name === 'bigint' ? BIGINT : { name: 'int' };
  const big = type.name === 'bigint';
  const [from, to] = big ? [convertTo(start, BIGINT), convertTo(stop, BIGINT)] : [asInt(start), asInt(stop)];
  const by = step === undefined ? undefined : big ? convertTo(step, BIGINT) : asInt(step);
  return {
    columns: [{ name: 'value', type, nullable: false }],
    *rows(run, base) {
      const first = from.evaluate(base, run);
      const last = to.evaluate(base, run);
      const given = by?.evaluate(base, run);
      if (first === null || last === null || given === null) return;
      const low = BigInt(first as number);
      const high = BigInt(last as number);
      const stride = given === undefined ? (low <= high ? 1n : -1n) : BigInt(given as number);
      if (stride === 0n)
        throw sqlError(4199, 16, 1, 'Argument value 0 is invalid for argument 3 of generate_series function.');
      for (let value = low; stride > 0n ? value <= high : value >= high; value += stride)
        yield [big ? value : Number(value)];
    },
  };
}
