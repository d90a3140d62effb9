import type { KeyDefinition, SqlValue, StoredRow } from '../contracts.ts';

/** Two strings are one key in SQL_Latin1_General_CP1_CI_AS: neither case nor trailing blanks count. */
function foldText(text: string): string {
  return (text.endsWith(' ') ? text.replace(/ +$/, '') : text).toUpperCase();
}

function keyPart(value: SqlValue): string {
  if (value === null) return '-';
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return `n${value}`;
    case 'boolean':
      return value ? 'n1' : 'n0';
    case 'string': {
      const folded = foldText(value);
      return `s${folded.length}:${folded}`;
    }
    default:
      return objectPart(value);
  }
}

function objectPart(value: Exclude<SqlValue, null | boolean | number | bigint | string>): string {
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('hex')}`;
  if ('unscaled' in value) {
    let { unscaled, scale } = value;
    while (scale > 0 && unscaled % 10n === 0n) {
      unscaled /= 10n;
      scale -= 1;
    }
    if (scale === 0) return `n${unscaled}`;
    const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
    return `n${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  }
  if ('ticks' in value) return `t${value.ticks - BigInt(value.offsetMinutes ?? 0) * 600_000_000n}`;
  return keyPart(value.value);
}

/** Rows by the values of some columns. */
export class HashIndex {
  readonly key: KeyDefinition | undefined;
  readonly ordinals: readonly number[];
  readonly #rows = new Map<string, StoredRow | Set<StoredRow>>();

  constructor(ordinals: readonly number[], key?: KeyDefinition) {
    this.ordinals = ordinals;
    this.key = key;
  }

  keyOf(values: readonly SqlValue[]): string {
    if (this.ordinals.length === 1) return keyPart(values[this.ordinals[0]!]!);
    return this.ordinals.map((o) => keyPart(values[o]!)).join('|');
  }

  /** `parts` in the order of this index's columns. */
  find(parts: readonly SqlValue[]): readonly StoredRow[] {
    const key = parts.map((p) => keyPart(p)).join('|');
    const found = this.#rows.get(key);
    if (found === undefined) return [];
    return found instanceof Set ? [...found] : [found];
  }

  holder(values: readonly SqlValue[]): StoredRow | undefined {
    const found = this.#rows.get(this.keyOf(values));
    return found instanceof Set ? found.values().next().value : found;
  }

  add(row: StoredRow): void {
    const key = this.keyOf(row.values);
    const found = this.#rows.get(key);
    if (found === undefined) this.#rows.set(key, row);
    else if (found instanceof Set) found.add(row);
    else this.#rows.set(key, new Set([found, row]));
  }

  remove(row: StoredRow): void {
    const key = this.keyOf(row.values);
    const found = this.#rows.get(key);
    if (found === row) this.#rows.delete(key);
    else if (found instanceof Set) {
      found.delete(row);
      if (found.size === 0) this.#rows.delete(key);
    }
  }
}
