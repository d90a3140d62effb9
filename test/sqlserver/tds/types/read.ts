import type { ByteReader } from '../bytes.ts';
import { Unsupported } from '../unsupported.ts';
import { readBinaryType } from './binary.ts';
import { readCharacterType } from './character.ts';
import { readDecimalType } from './decimal.ts';
import { readGuidType } from './guid.ts';
import { readLongType } from './long.ts';
import { readMomentType } from './moment.ts';
import { readNumberType } from './number.ts';
import { readVariantType } from './variant.ts';
import type { WireReader } from './wire-type.ts';

const NULL_TYPE = 0x1f;
const REFUSED = new Map([
  [0xf0, 'CLR user-defined types'],
  [0xf1, 'Parameters of type xml'],
  [0xf3, 'Table-valued parameters'],
  [0xf4, 'Parameters of type json'],
  [0xf5, 'Parameters of type vector'],
]);

/** MS-TDS 2.2.5.6 TYPE_INFO, as parameters carry it. */
export function readTypeInfo(reader: ByteReader): WireReader {
  const token = reader.u8();
  // An untyped NULL: SQL Server gives it the type int, too.
  if (token === NULL_TYPE) return { type: { name: 'int' }, read: () => null };
  const known =
    readNumberType(token, reader) ??
    readDecimalType(token, reader) ??
    readCharacterType(token, reader) ??
    readBinaryType(token, reader) ??
    readMomentType(token, reader) ??
    readGuidType(token, reader) ??
    readLongType(token, reader) ??
    readVariantType(token, reader);
  if (known !== undefined) return known;
  const refused = REFUSED.get(token) ?? `Parameters of the wire type 0x${token.toString(16)}`;
  throw new Unsupported(`${refused} are not supported by this server.`);
}
