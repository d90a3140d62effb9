import type { SqlType, SqlValue, Variant } from '../../contracts.ts';
import { ByteReader } from '../bytes.ts';
import type { ByteWriter } from '../bytes.ts';
import { characterSize, characterToken, encodeCharacters, isCharacterType } from './character.ts';
import { DEFAULT_COLLATION, decodeWith } from './collation.ts';
import {
  decimalToken,
  moneyType,
  precisionOf,
  readDecimalBytes,
  readDecimalType,
  scaleOf,
  writeDecimalBytes,
} from './decimal.ts';
import { readGuidBytes, writeGuidBytes } from './guid.ts';
import { isMomentType, momentForm, readMomentType } from './moment.ts';
import { bareNumber, isNumberType, readNumberType } from './number.ts';
import { mismatch } from './wire-type.ts';
import type { WireReader, WireType } from './wire-type.ts';

/** MS-TDS 2.2.5.5.4 sql_variant Values: base type, property bytes, bare value. */
const SSVARIANT = 0x62;
const MAX_BYTES = 8009;
const GUID = 0x24;
const VARBINARY = 0xa5;
const BINARY = 0xad;

function isVariant(value: SqlValue): value is Variant {
  return typeof value === 'object' && value !== null && 'type' in value;
}

export function variantType(type: SqlType): WireType {
  return {
    info(writer) {
      writer.u8(SSVARIANT);
      writer.u32(MAX_BYTES);
    },
    value(writer, value) {
      if (value === null || (isVariant(value) && value.value === null)) {
        writer.u32(0);
        return;
      }
      if (!isVariant(value)) throw mismatch(type, value);
      writer.u32Sized(() => writeBase(writer, value.type, value.value));
    },
  };
}

function writeBase(writer: ByteWriter, type: SqlType, value: SqlValue): void {
  const { name } = type;
  const head = (token: number, properties: number): void => {
    writer.u8(token);
    writer.u8(properties);
  };
  if (isNumberType(name)) writeFixed(writer, bareNumber({ ...type, name }), value);
  else if (name === 'money' || name === 'smallmoney') writeFixed(writer, moneyType(type, false), value);
  else if (name === 'decimal' || name === 'numeric') {
    head(decimalToken(type), 2);
    writer.u8(precisionOf(type));
    writer.u8(scaleOf(type));
    writeDecimalBytes(writer, type, value);
  } else if (isMomentType(name)) {
    const form = momentForm({ ...type, name });
    head(form.token, form.scale === undefined ? 0 : 1);
    if (form.scale !== undefined) writer.u8(form.scale);
    form.write(writer, value);
  } else if (isCharacterType(name)) {
    head(characterToken(name), 7);
    writer.bytes(DEFAULT_COLLATION);
    writer.u16(characterSize(type) ?? 8000);
    writer.bytes(encodeCharacters(type, value));
  } else if (name === 'uniqueidentifier') {
    head(GUID, 0);
    writeGuidBytes(writer, type, value);
  } else if ((name === 'binary' || name === 'varbinary') && value instanceof Uint8Array) {
    head(name === 'binary' ? BINARY : VARBINARY, 2);
    writer.u16(type.length ?? 8000);
    writer.bytes(value);
  } else throw mismatch(type, value);
}

function writeFixed(writer: ByteWriter, bare: WireType, value: SqlValue): void {
  bare.info(writer);
  writer.u8(0);
  bare.value(writer, value);
}

export function readVariantType(token: number, reader: ByteReader): WireReader | undefined {
  if (token !== SSVARIANT) return undefined;
  reader.u32();
  return {
    type: { name: 'sql_variant' },
    read(from) {
      const size = from.u32();
      return size === 0 ? null : readBase(new ByteReader(from.bytes(size)));
    },
  };
}

function readBase(reader: ByteReader): Variant {
  const token = reader.u8();
  const properties = new ByteReader(reader.bytes(reader.u8()));
  const size = reader.remaining;
  switch (token) {
    case GUID:
      return { type: { name: 'uniqueidentifier' }, value: readGuidBytes(reader) };
    case VARBINARY:
    case BINARY: {
      const type: SqlType = { name: token === BINARY ? 'binary' : 'varbinary', length: properties.u16() };
      return { type, value: new Uint8Array(reader.bytes(size)) };
    }
    case characterToken('varchar'):
    case characterToken('char'):
    case characterToken('nvarchar'):
    case characterToken('nchar'):
      return readCharacters(token, properties, reader.bytes(size));
    case decimalToken({ name: 'decimal' }):
    case decimalToken({ name: 'numeric' }): {
      const [precision, scale] = [properties.u8(), properties.u8()];
      const name = token === decimalToken({ name: 'decimal' }) ? 'decimal' : 'numeric';
      return { type: { name, precision, scale }, value: readDecimalBytes(reader, size, scale) };
    }
    default:
      return readFixed(token, properties, reader);
  }
}

function readCharacters(token: number, properties: ByteReader, bytes: Buffer): Variant {
  const collation = properties.bytes(5);
  const length = properties.u16();
  const name =
    (['varchar', 'char', 'nvarchar', 'nchar'] as const).find((each) => characterToken(each) === token) ?? 'nvarchar';
  if (name === 'varchar' || name === 'char') return { type: { name, length }, value: decodeWith(collation, bytes) };
  return { type: { name, length: length / 2 }, value: bytes.toString('utf16le') };
}

/** Types whose size follows from token and scale alone. */
function readFixed(token: number, properties: ByteReader, reader: ByteReader): Variant {
  const moment = readMomentType(token, properties);
  if (moment !== undefined && isMomentType(moment.type.name)) {
    return { type: moment.type, value: momentForm({ ...moment.type, name: moment.type.name }).read(reader) };
  }
  const fixed = readNumberType(token, properties) ?? readDecimalType(token, properties);
  if (fixed === undefined) throw new RangeError(`A sql_variant has the unknown base type ${token}.`);
  return { type: fixed.type, value: fixed.read(reader) };
}
