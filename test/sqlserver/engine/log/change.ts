import type { DatabaseUser, SqlMoment, SqlValue, TableDefinition, TextObject } from '../../contracts.ts';
import { ByteReader, type ByteWriter } from '../bytes.ts';
import { fromJson, toJson } from '../json.ts';

/** One redo record. A transaction's records stand together in one log block, a snapshot is a long row of them. */
export type Change =
  | {
      readonly op: 'insert' | 'update';
      readonly table: number;
      readonly row: number;
      readonly values: readonly SqlValue[];
    }
  | { readonly op: 'delete'; readonly table: number; readonly row: number }
  | { readonly op: 'truncate' | 'dropTable'; readonly table: number }
  | { readonly op: 'identity'; readonly table: number; readonly value: bigint | null }
  | {
      readonly op: 'createTable';
      readonly table: number;
      readonly createDate: SqlMoment;
      readonly definition: TableDefinition;
    }
  | { readonly op: 'alterTable'; readonly table: number; readonly definition: TableDefinition }
  | { readonly op: 'object'; readonly object: TextObject }
  | { readonly op: 'dropObject'; readonly id: number }
  | { readonly op: 'schema'; readonly name: string }
  | { readonly op: 'user'; readonly user: DatabaseUser }
  | { readonly op: 'dropUser'; readonly name: string }
  | { readonly op: 'nextObjectId'; readonly value: number }
  /** A value under a name that the server itself keeps (the database list and logins in master). */
  | { readonly op: 'property'; readonly key: string; readonly value: string | null }
  /** Ballast extent `index` now has the content that `seed` generates. */
  | { readonly op: 'extent'; readonly index: number; readonly seed: bigint }
  /** Ballast of the log itself: bytes that mean nothing. */
  | { readonly op: 'filler'; readonly bytes: Uint8Array };

const CODES = [
  'insert',
  'update',
  'delete',
  'truncate',
  'dropTable',
  'identity',
  'createTable',
  'alterTable',
  'object',
  'dropObject',
  'schema',
  'user',
  'dropUser',
  'nextObjectId',
  'property',
  'extent',
  'filler',
] as const satisfies readonly Change['op'][];
const CODE_OF = new Map<Change['op'], number>(CODES.map((op, code) => [op, code]));

export function writeChange(out: ByteWriter, change: Change): void {
  out.u8(CODE_OF.get(change.op)!);
  switch (change.op) {
    case 'insert':
    case 'update':
      out.u32(change.table);
      out.u32(change.row);
      return out.values(change.values);
    case 'delete':
      out.u32(change.table);
      return out.u32(change.row);
    case 'truncate':
    case 'dropTable':
      return out.u32(change.table);
    case 'identity':
      out.u32(change.table);
      return out.value(change.value);
    case 'createTable':
      out.u32(change.table);
      out.i64(change.createDate.ticks);
      return out.text(toJson(change.definition));
    case 'alterTable':
      out.u32(change.table);
      return out.text(toJson(change.definition));
    case 'object':
      return out.text(toJson(change.object));
    case 'user':
      return out.text(toJson(change.user));
    case 'dropObject':
      return out.u32(change.id);
    case 'nextObjectId':
      return out.u32(change.value);
    case 'schema':
    case 'dropUser':
      return out.text(change.name);
    case 'property':
      out.text(change.key);
      return out.value(change.value);
    case 'extent':
      out.u32(change.index);
      return out.i64(change.seed);
    case 'filler':
      return out.bytes(change.bytes);
  }
}

function readChange(from: ByteReader): Change {
  const op = CODES[from.u8()];
  switch (op) {
    case 'insert':
    case 'update':
      return { op, table: from.u32(), row: from.u32(), values: from.values() };
    case 'delete':
      return { op, table: from.u32(), row: from.u32() };
    case 'truncate':
    case 'dropTable':
      return { op, table: from.u32() };
    case 'identity':
      return { op, table: from.u32(), value: from.value() as bigint | null };
    case 'createTable':
      return { op, table: from.u32(), createDate: { ticks: from.i64() }, definition: fromJson(from.text()) };
    case 'alterTable':
      return { op, table: from.u32(), definition: fromJson(from.text()) };
    case 'object':
      return { op, object: fromJson(from.text()) };
    case 'user':
      return { op, user: fromJson(from.text()) };
    case 'dropObject':
      return { op, id: from.u32() };
    case 'nextObjectId':
      return { op, value: from.u32() };
    case 'schema':
    case 'dropUser':
      return { op, name: from.text() };
    case 'property':
      return { op, key: from.text(), value: from.value() as string | null };
    case 'extent':
      return { op, index: from.u32(), seed: from.i64() };
    case 'filler':
      return { op, bytes: from.bytes() };
    default:
      throw new Error('unknown log record');
  }
}

export function* readChanges(bytes: Buffer, from = 0): Iterable<Change> {
  const reader = new ByteReader(bytes);
  reader.at = from;
  while (!reader.done) yield readChange(reader);
}
