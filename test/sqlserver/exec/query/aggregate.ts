import { SqlError, type Decimal, type SqlType, type SqlValue } from '../../contracts.ts';
import { comparator, hasher } from '../types/compare.ts';
import { integerValue } from '../types/convert-number.ts';
import { textOf } from '../types/convert-text.ts';
import { decimalNumber, fits, power10, rescale } from '../types/decimal.ts';
import { arithmeticOverflow } from '../types/errors.ts';
import { familyOf } from '../types/sqltype.ts';

/** Takes the non-null values of a group one by one. */
export interface Accumulator {
  add(value: SqlValue): void;
  result(): SqlValue;
}

export interface AggregateSpecification {
  readonly name: string;
  readonly distinct: boolean;
  /** Type of the argument; undefined for COUNT(*). */
  readonly argument: SqlType | undefined;
  readonly result: SqlType;
}

export function makeAccumulator(specification: AggregateSpecification, separator = ''): Accumulator {
  const inner = choose(specification, separator);
  if (!specification.distinct || specification.argument === undefined) return inner;
  const hash = hasher(specification.argument);
  const seen = new Set<unknown>();
  return {
    add: (value) => {
      const key = hash(value);
      if (seen.has(key)) return;
      seen.add(key);
      inner.add(value);
    },
    result: () => inner.result(),
  };
}

function choose({ name, argument, result }: AggregateSpecification, separator: string): Accumulator {
  switch (name) {
    case 'COUNT':
    case 'COUNT_BIG':
      return counter(name === 'COUNT_BIG');
    case 'SUM':
      return summer(result);
    case 'AVG':
      return averager(argument ?? result, result);
    case 'MIN':
      return extreme(argument ?? result, (order) => order < 0);
    case 'MAX':
      return extreme(argument ?? result, (order) => order > 0);
    case 'STRING_AGG':
      return joiner(argument ?? result, result, separator);
    case 'CHECKSUM_AGG': {
      let sum: number | null = null;
      return { add: (value) => (sum = (sum ?? 0) ^ Number(value)), result: () => sum };
    }
    default:
      return spread(name, argument ?? result);
  }
}

function counter(big: boolean): Accumulator {
  let count = 0;
  return { add: () => (count += 1), result: () => (big ? BigInt(count) : count) };
}

function exactOf(value: SqlValue): Decimal {
  return typeof value === 'object' ? (value as Decimal) : { unscaled: BigInt(value), scale: 0 };
}

function summer(result: SqlType): Accumulator {
  if (familyOf(result) === 'float') {
    let sum: number | null = null;
    return { add: (value) => (sum = (sum ?? 0) + (value as number)), result: () => sum };
  }
  if (result.name === 'int') {
    let sum: number | null = null;
    return {
      add: (value) => (sum = (sum ?? 0) + (value as number)),
      result: () => {
        if (sum !== null && (sum > 2147483647 || sum < -2147483648)) throw arithmeticOverflow('expression', 'int');
        return sum;
      },
    };
  }
  let sum: bigint | null = null;
  const scale = result.scale ?? (result.name === 'money' ? 4 : 0);
  return {
    add: (value) => (sum = (sum ?? 0n) + rescale(exactOf(value), scale).unscaled),
    result: () => {
      if (sum === null) return null;
      if (result.name === 'bigint') return integerValue(sum, result, () => arithmeticOverflow('expression', 'bigint'));
      const total = { unscaled: sum, scale };
      if (result.name !== 'money' && !fits(total, 38)) throw arithmeticOverflow('expression', 'numeric');
      return total;
    },
  };
}

function averager(argument: SqlType, result: SqlType): Accumulator {
  let count = 0n;
  if (familyOf(result) === 'float') {
    let sum = 0;
    return {
      add: (value) => {
        sum += value as number;
        count += 1n;
      },
      result: () => (count === 0n ? null : sum / Number(count)),
    };
  }
  const scale = argument.scale ?? (familyOf(argument) === 'money' ? 4 : 0);
  let sum = 0n;
  return {
    add: (value) => {
      sum += rescale(exactOf(value), scale).unscaled;
      count += 1n;
    },
    result: () => {
      if (count === 0n) return null;
      if (result.name === 'int') return Number(sum / count);
      if (result.name === 'bigint') return sum / count;
      const target = result.name === 'money' ? 4 : (result.scale ?? 6);
      const average = { unscaled: (sum * power10(target - scale)) / count, scale: target };
      if (result.name !== 'money' && !fits(average, 38)) throw arithmeticOverflow('expression', 'numeric');
      return average;
    },
  };
}

function extreme(type: SqlType, wins: (order: number) => boolean): Accumulator {
  const compare = comparator(type);
  let best: SqlValue = null;
  return {
    add: (value) => {
      if (best === null || wins(compare(value, best))) best = value;
    },
    result: () => best,
  };
}

function joiner(argument: SqlType, result: SqlType, separator: string): Accumulator {
  const parts: string[] = [];
  return {
    add: (value) => parts.push(textOf(value, argument)),
    result: () => {
      if (parts.length === 0) return null;
      const text = parts.join(separator);
      if (result.length !== -1 && text.length > (result.length ?? 4000)) {
        throw new SqlError({
          number: 9829,
          class: 16,
          state: 1,
          text: 'STRING_AGG aggregation result exceeded the limit of 8000 bytes. Use LOB types to avoid result truncation.',
        });
      }
      return text;
    },
  };
}

/** STDEV, STDEVP, VAR, VARP */
function spread(name: string, argument: SqlType): Accumulator {
  const exact = ['decimal', 'money', 'bigint'].includes(familyOf(argument));
  let count = 0;
  let mean = 0;
  let squares = 0;
  return {
    add: (value) => {
      const x = exact ? decimalNumber(exactOf(value)) : Number(value);
      count += 1;
      const delta = x - mean;
      mean += delta / count;
      squares += delta * (x - mean);
    },
    result: () => {
      const population = name.endsWith('P');
      if (count === 0 || (!population && count === 1)) return null;
      const variance = squares / (population ? count : count - 1);
      return name.startsWith('STDEV') ? Math.sqrt(variance) : variance;
    },
  };
}
