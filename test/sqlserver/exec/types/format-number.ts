import type { Decimal } from '../../contracts.ts';
import { decimalText, rescale } from './decimal.ts';

/** CONVERT of float and real: style 0 at most six digits, 1 eight, 2 sixteen in scientific notation, 3 round-trip. */
export function formatFloat(value: number, style = 0): string {
  if (style === 1) return scientific(value, 7);
  if (style === 2) return scientific(value, 15);
  if (style === 3) return general(value, 17);
  return general(value, 6);
}

function scientific(value: number, digits: number): string {
  return widenExponent(value.toExponential(digits));
}

/** C's %g with a three-digit exponent. */
function general(value: number, digits: number): string {
  if (value === 0) return '0';
  const exponent = Number(value.toExponential(digits - 1).split('e')[1]);
  if (exponent < -4 || exponent >= digits) {
    return widenExponent(value.toExponential(digits - 1).replace(/\.?0+e/, 'e'));
  }
  const text = value.toFixed(Math.max(0, digits - 1 - exponent));
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function widenExponent(text: string): string {
  return text.replace(/e([+-])(\d+)$/, (_, sign: string, digits: string) => `e${sign}${digits.padStart(3, '0')}`);
}

/** money: style 0 two digits, 1 with commas, 2 four digits. */
export function formatMoney(value: Decimal, style = 0): string {
  const text = decimalText(rescale(value, style === 2 ? 4 : 2));
  if (style !== 1) return text;
  return text.replace(/\B(?=(\d{3})+(?!\d)(?=.*\.))/g, ',');
}
