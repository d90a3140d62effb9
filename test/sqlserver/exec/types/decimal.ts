import type { Decimal, SqlType } from '../../contracts.ts';
import { arithmeticOverflow } from './errors.ts';
import { decimalShape } from './sqltype.ts';

const POWERS: bigint[] = [1n];

export function power10(exponent: number): bigint {
  for (let i = POWERS.length; i <= exponent; i += 1) POWERS.push((POWERS[i - 1] as bigint) * 10n);
  return POWERS[exponent] as bigint;
}

/** Half away from zero, as decimal conversion does. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const remainder = numerator % denominator;
  const doubled = 2n * (remainder < 0n ? -remainder : remainder);
  if (doubled < (denominator < 0n ? -denominator : denominator)) return quotient;
  return quotient + (numerator < 0n === denominator < 0n ? 1n : -1n);
}

export function rescale(value: Decimal, scale: number): Decimal {
  if (value.scale === scale) return value;
  if (value.scale < scale) return { unscaled: value.unscaled * power10(scale - value.scale), scale };
  return { unscaled: divideRounded(value.unscaled, power10(value.scale - scale)), scale };
}

export function truncate(value: Decimal, scale: number): Decimal {
  if (value.scale <= scale) return rescale(value, scale);
  return { unscaled: value.unscaled / power10(value.scale - scale), scale };
}

export function fits(value: Decimal, precision: number): boolean {
  const limit = power10(precision);
  return value.unscaled < limit && value.unscaled > -limit;
}

/** Rounded to the type's scale; 8115 when it does not fit. */
export function toDecimalType(value: Decimal, type: SqlType, from = 'numeric'): Decimal {
  const { precision, scale } = decimalShape(type);
  const result = rescale(value, scale);
  if (!fits(result, precision)) throw arithmeticOverflow(from, 'numeric', 8);
  return result;
}

export function compareDecimal(a: Decimal, b: Decimal): number {
  if (a.scale === b.scale) return a.unscaled < b.unscaled ? -1 : a.unscaled > b.unscaled ? 1 : 0;
  const scale = Math.max(a.scale, b.scale);
  return compareDecimal(rescale(a, scale), rescale(b, scale));
}

export function decimalText(value: Decimal): string {
  if (value.scale === 0) return value.unscaled.toString();
  const negative = value.unscaled < 0n;
  const digits = (negative ? -value.unscaled : value.unscaled).toString().padStart(value.scale + 1, '0');
  const at = digits.length - value.scale;
  return `${negative ? '-' : ''}${digits.slice(0, at)}.${digits.slice(at)}`;
}

export function parseDecimal(text: string): Decimal | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const unscaled = BigInt(whole + fraction);
  return { unscaled: sign === '-' ? -unscaled : unscaled, scale: fraction.length };
}

export function decimalNumber(value: Decimal): number {
  return value.scale === 0 ? Number(value.unscaled) : Number(decimalText(value));
}

/** A double as an exact decimal with the scale asked for. */
export function fromNumber(value: number, scale: number): Decimal {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 53)
    return rescale({ unscaled: BigInt(value), scale: 0 }, scale);
  // A double has 17 significant digits; what is beyond is not information.
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(value.toExponential(16));
  if (match === null) return { unscaled: 0n, scale };
  const [, sign = '', first = '', rest = '', exponentText = '0'] = match;
  const digits = BigInt(first + rest);
  const exponent = Number(exponentText) - rest.length;
  const unscaled = sign === '-' ? -digits : digits;
  if (exponent >= 0) return rescale({ unscaled: unscaled * power10(exponent), scale: 0 }, scale);
  return rescale({ unscaled, scale: -exponent }, scale);
}

/** Result types of decimal arithmetic ("Precision, scale, and length (Transact-SQL)"). */
export function arithmeticShape(
  operator: '+' | '-' | '*' | '/' | '%',
  a: { readonly precision: number; readonly scale: number },
  b: { readonly precision: number; readonly scale: number },
): { readonly precision: number; readonly scale: number } {
  switch (operator) {
    case '+':
    case '-': {
      const scale = Math.max(a.scale, b.scale);
      const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
      const precision = whole + scale + 1;
      if (precision <= 38) return { precision, scale };
      return { precision: 38, scale: Math.max(0, Math.min(scale, 38 - whole)) };
    }
    case '*':
      return reduce(a.precision + b.precision + 1, a.scale + b.scale);
    case '/': {
      const scale = Math.max(6, a.scale + b.precision + 1);
      return reduce(a.precision - a.scale + b.scale + scale, scale);
    }
    case '%': {
      const scale = Math.max(a.scale, b.scale);
      return { precision: Math.min(a.precision - a.scale, b.precision - b.scale) + scale, scale };
    }
  }
}

function reduce(precision: number, scale: number): { precision: number; scale: number } {
  if (precision <= 38) return { precision, scale };
  const whole = precision - scale;
  if (whole < 32) return { precision: 38, scale: Math.min(scale, 38 - whole) };
  return { precision: 38, scale: scale < 6 ? scale : 6 };
}
