import type { Lsn, SqlMoment, SqlType, SqlValue, Variant } from '../../contracts.ts';

const ticksPerMs = 10_000n;
/** Ticks of 1970-01-01 since 0001-01-01. */
const epochTicks = 621_355_968_000_000_000n;

export const zeroGuid = '00000000-0000-0000-0000-000000000000';

/** An instant on a local clock that is `offsetMinutes` ahead of UTC. */
export function momentOf(epochMs: number, offsetMinutes: number): SqlMoment {
  return { ticks: epochTicks + BigInt(Math.round((epochMs + offsetMinutes * 60_000) * 10_000)) };
}

export function epochMsOf(moment: SqlMoment, offsetMinutes: number): number {
  return Number((moment.ticks - epochTicks) / ticksPerMs) - offsetMinutes * 60_000;
}

/** 1900-01-01, the zero of datetime. */
export const dateZero: SqlMoment = { ticks: 599_266_080_000_000_000n };

export function dateText(moment: SqlMoment): string {
  return new Date(epochMsOf(moment, 0)).toISOString().slice(0, 10);
}

/** `0x01…` and bare hexadecimal alike. */
export function bytesOf(hex: string): Uint8Array {
  const digits = hex.replace(/^0x/i, '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16));
}

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

export const isMoment = (value: SqlValue): value is SqlMoment =>
  typeof value === 'object' && value !== null && 'ticks' in value;

export const isVariant = (value: SqlValue): value is Variant =>
  typeof value === 'object' && value !== null && 'type' in value && 'value' in value;

export const variant = (type: SqlType, value: SqlValue): Variant | null => (value === null ? null : { type, value });
export const variantText = (value: string | null): Variant | null => variant({ name: 'nvarchar', length: 128 }, value);
export const variantInt = (value: number | null): Variant | null => variant({ name: 'int' }, value);

/** Text of a character argument, undefined for NULL. Arguments arrive converted to their parameter's type. */
export const textArg = (value: SqlValue | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

export function intArg(value: SqlValue | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  return undefined;
}

/** Virtual log file, block and slot of an LSN, whose decimal form is VLF ‖ 10 digits ‖ 5 digits. */
export function lsnParts(lsn: Lsn): readonly [vlf: bigint, block: bigint, slot: bigint] {
  return [lsn / 10n ** 15n, (lsn / 10n ** 5n) % 10n ** 10n, lsn % 10n ** 5n];
}

/** The nvarchar(24) form of sys.dm_db_log_stats: hexadecimal parts with colons. */
export function lsnText(lsn: Lsn): string {
  const [vlf, block, slot] = lsnParts(lsn);
  return [
    vlf.toString(16).padStart(8, '0'),
    block.toString(16).padStart(8, '0'),
    slot.toString(16).padStart(4, '0'),
  ].join(':');
}

/** Names compare as SQL_Latin1_General_CP1_CI_AS does for what tools write: without case. */
export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
