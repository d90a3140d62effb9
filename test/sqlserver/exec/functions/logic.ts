import { randomUUID } from 'node:crypto';
import type { SqlType } from '../../contracts.ts';
import { convertTo } from '../expression/arithmetic.ts';
import type { Compiled, Run } from '../expression/compiled.ts';
import { unify } from '../expression/predicate.ts';
import { comparator } from '../types/compare.ts';
import { sqlError } from '../types/errors.ts';
import {
  BIGINT,
  commonType,
  familyOf,
  INT,
  isString,
  numeric,
  nvarchar,
  SMALLINT,
  UNIQUEIDENTIFIER,
} from '../types/sqltype.ts';
import { asInt, asString, define, strict, type FunctionDefinition } from './define.ts';

function commonOfArguments(args: readonly Compiled[]): SqlType {
  const typed = args.filter((arg) => arg.untyped !== true).map((arg) => arg.type);
  return typed.length === 0 ? INT : typed.reduce(commonType);
}

const session = (
  name: string,
  type: SqlType,
  read: (run: Run) => ReturnType<Compiled['evaluate']>,
): FunctionDefinition => define(name, 0, 0, () => ({ type, nullable: true, evaluate: (_, run) => read(run) }));

export const logicFunctions: readonly FunctionDefinition[] = [
  define('ISNULL', 2, 2, ([first, second]) => {
    const a = first as Compiled;
    const b = second as Compiled;
    const type = a.untyped === true ? b.type : a.type;
    const x = convertTo(a, type).evaluate;
    const y = convertTo(b, type).evaluate;
    return { type, nullable: a.nullable && b.nullable, evaluate: (row, run) => x(row, run) ?? y(row, run) };
  }),
  define('COALESCE', 2, 254, (args) => {
    if (args.every((arg) => arg.untyped === true)) {
      throw sqlError(
        4127,
        16,
        1,
        'At least one of the arguments to COALESCE must be an expression that is not the NULL constant.',
      );
    }
    const type = commonOfArguments(args);
    const values = args.map((arg) => convertTo(arg, type).evaluate);
    return {
      type,
      nullable: args.every((arg) => arg.nullable),
      evaluate: (row, run) => {
        for (const evaluate of values) {
          const value = evaluate(row, run);
          if (value !== null) return value;
        }
        return null;
      },
    };
  }),
  define('NULLIF', 2, 2, ([first, second]) => {
    const a = first as Compiled;
    const { type, left, right } = unify(a, second as Compiled);
    const compare = comparator(type);
    return {
      type: a.type,
      nullable: true,
      evaluate: (row, run) => {
        const x = left.evaluate(row, run);
        if (x === null) return null;
        const y = right.evaluate(row, run);
        return y !== null && compare(x, y) === 0 ? null : a.evaluate(row, run);
      },
    };
  }),
  define('CHOOSE', 2, 254, ([index, ...rest]) => {
    const type = commonOfArguments(rest);
    const values = rest.map((arg) => convertTo(arg, type).evaluate);
    const at = asInt(index as Compiled).evaluate;
    return {
      type,
      nullable: true,
      evaluate: (row, run) => {
        const n = at(row, run) as number | null;
        const chosen = n === null ? undefined : values[n - 1];
        return chosen === undefined ? null : chosen(row, run);
      },
    };
  }),
  extreme('GREATEST', (order) => order > 0),
  extreme('LEAST', (order) => order < 0),
  define('ISNUMERIC', 1, 1, ([arg]) => {
    const source = arg as Compiled;
    if (
      ['integer', 'bigint', 'decimal', 'money', 'float', 'bit'].includes(familyOf(source.type)) &&
      source.untyped !== true
    ) {
      return { type: INT, nullable: false, evaluate: (row, run) => (source.evaluate(row, run) === null ? 0 : 1) };
    }
    if (!isString(source.type)) return { type: INT, nullable: false, evaluate: () => 0 };
    return {
      type: INT,
      nullable: false,
      evaluate: (row, run) => {
        const value = (source.evaluate(row, run) as string | null)?.trim() ?? '';
        return /^[+-]?[$£€¥]?(\d[\d,]*\.?\d*|\.\d+)([eEdD][+-]?\d+)?$/.test(value) ? 1 : 0;
      },
    };
  }),
  define('NEWID', 0, 0, () => ({
    type: UNIQUEIDENTIFIER,
    nullable: false,
    evaluate: () => randomUUID().toUpperCase(),
  })),
  define('NEWSEQUENTIALID', 0, 0, () => ({
    type: UNIQUEIDENTIFIER,
    nullable: false,
    evaluate: () => randomUUID().toUpperCase(),
  })),
  session('ERROR_NUMBER', INT, (run) => run.session.caught?.number ?? null),
  session('ERROR_SEVERITY', INT, (run) => run.session.caught?.class ?? null),
  session('ERROR_STATE', INT, (run) => run.session.caught?.state ?? null),
  session('ERROR_LINE', INT, (run) => (run.session.caught === undefined ? null : (run.session.caught.line ?? 1))),
  session('ERROR_MESSAGE', nvarchar(4000), (run) => run.session.caught?.text ?? null),
  session('ERROR_PROCEDURE', nvarchar(128), (run) => run.session.caught?.procedure ?? null),
  session('XACT_STATE', SMALLINT, (run) => run.session.transactionState),
  session('ROWCOUNT_BIG', BIGINT, (run) => BigInt(run.session.affected)),
  session('SCOPE_IDENTITY', numeric(38, 0), (run) => identity(run.session.scopeIdentity)),
  define('STRING_ESCAPE', 2, 2, ([arg, kind]) =>
    strict(nvarchar(-1), [asString(arg as Compiled), asString(kind as Compiled)], ([value, type]) => {
      if ((type as string).toLowerCase() !== 'json') {
        throw sqlError(13999, 16, 1, "An invalid value was specified for argument 2. The only valid value is 'json'.");
      }
      return JSON.stringify(value).slice(1, -1).replaceAll('/', '\\/');
    }),
  ),
];

export function identity(value: bigint | null): { unscaled: bigint; scale: 0 } | null {
  return value === null ? null : { unscaled: value, scale: 0 };
}

function extreme(name: string, wins: (order: number) => boolean): FunctionDefinition {
  return define(name, 1, 254, (args) => {
    const type = commonOfArguments(args);
    const values = args.map((arg) => convertTo(arg, type).evaluate);
    const compare = comparator(type);
    return {
      type,
      nullable: true,
      evaluate: (row, run) => {
        let best: ReturnType<Compiled['evaluate']> = null;
        for (const evaluate of values) {
          const value = evaluate(row, run);
          if (value !== null && (best === null || wins(compare(value, best)))) best = value;
        }
        return best;
      },
    };
  });
}
