declare const brand: unique symbol;

/**
 * A log sequence number as SQL Server prints numeric(25,0): decimal digits without leading zeros. It stays a string
 * everywhere, because the driver would turn it into a float and lose its last digits.
 */
export type Lsn = string & { readonly [brand]: 'Lsn' };

/**
 * The only way to make an {@link Lsn}.
 * @param text up to 25 decimal digits, e.g. `39000000172000001`
 * @throws RangeError when the text is anything else
 */
export function parseLsn(text: string): Lsn {
  if (!/^\d{1,25}$/.test(text)) throw new RangeError(`not a log sequence number: ${JSON.stringify(text)}`);
  return (text.replace(/^0+(?=\d)/, '') || '0') as Lsn;
}

/** Negative, zero or positive, as Array.sort wants it. Digits without leading zeros compare by length, then by text. */
export function compareLsn(a: Lsn, b: Lsn): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

export function maxLsn(a: Lsn, b: Lsn): Lsn {
  return compareLsn(a, b) >= 0 ? a : b;
}
