import { inspect } from 'node:util';
import type { SqlType, SqlValue } from '../../contracts.ts';
import type { ByteReader, ByteWriter } from '../bytes.ts';

/** How values of one type leave: TYPE_INFO once, then values (MS-TDS 2.2.5.6, 2.2.5.2.3). */
export interface WireType {
  readonly info: (writer: ByteWriter) => void;
  readonly value: (writer: ByteWriter, value: SqlValue) => void;
}

/** How the values behind one TYPE_INFO arrive. */
export interface WireReader {
  readonly type: SqlType;
  readonly read: (reader: ByteReader) => SqlValue;
}

/** A layer above handed over a value that its own type does not allow. */
export function mismatch(type: SqlType, value: SqlValue): Error {
  const shown =
    value === null ? 'NULL' : `a ${typeof value} (${inspect(value, { breakLength: Infinity }).slice(0, 80)})`;
  return new TypeError(`A column of type ${type.name} cannot carry ${shown}.`);
}
