import type { SqlValue, Variant } from '../contracts.ts';
import { fromJson, toJson } from './json.ts';

const TAG = {
  null: 0,
  false: 1,
  true: 2,
  int: 3,
  double: 4,
  bigint: 5,
  wideBigint: 6,
  text: 7,
  wideText: 8,
  binary: 9,
  decimal: 10,
  moment: 11,
  offsetMoment: 12,
  variant: 13,
} as const;

const INT64_MAX = 0x7fff_ffff_ffff_ffffn;
const INT64_MIN = -0x8000_0000_0000_0000n;

/** Grows as it is written; `length` may be set back to forget what came after a savepoint. */
export class ByteWriter {
  length = 0;
  #buffer: Buffer;

  constructor(capacity = 512) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  /** A view that later writes may overwrite. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  #reserve(count: number): number {
    const at = this.length;
    this.length = at + count;
    if (this.length > this.#buffer.length) {
      const next = Buffer.allocUnsafe(Math.max(this.length, this.#buffer.length * 2));
      this.#buffer.copy(next, 0, 0, at);
      this.#buffer = next;
    }
    return at;
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#buffer[at] = value;
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    this.#buffer.writeUInt32LE(value, at);
  }

  i32(value: number): void {
    const at = this.#reserve(4);
    this.#buffer.writeInt32LE(value, at);
  }

  f64(value: number): void {
    const at = this.#reserve(8);
    this.#buffer.writeDoubleLE(value, at);
  }

  i64(value: bigint): void {
    const at = this.#reserve(8);
    this.#buffer.writeBigInt64LE(value, at);
  }

  bytes(value: Uint8Array): void {
    this.u32(value.length);
    const at = this.#reserve(value.length);
    this.#buffer.set(value, at);
  }

  text(value: string): void {
    const size = Buffer.byteLength(value, 'utf8');
    this.u32(size);
    const at = this.#reserve(size);
    this.#buffer.write(value, at, 'utf8');
  }

  integer(value: bigint): void {
    if (value >= INT64_MIN && value <= INT64_MAX) {
      this.u8(TAG.bigint);
      this.i64(value);
    } else {
      this.u8(TAG.wideBigint);
      this.text(value.toString());
    }
  }

  value(value: SqlValue): void {
    if (value === null) return this.u8(TAG.null);
    switch (typeof value) {
      case 'boolean':
        return this.u8(value ? TAG.true : TAG.false);
      case 'number':
        if (Number.isInteger(value) && value >= -0x8000_0000 && value <= 0x7fff_ffff && !Object.is(value, -0)) {
          this.u8(TAG.int);
          return this.i32(value);
        }
        this.u8(TAG.double);
        return this.f64(value);
      case 'bigint':
        return this.integer(value);
      case 'string':
        if (value.isWellFormed()) {
          this.u8(TAG.text);
          return this.text(value);
        }
        this.u8(TAG.wideText);
        return this.bytes(Buffer.from(value, 'utf16le'));
      default:
        return this.#object(value);
    }
  }

  #object(value: Exclude<SqlValue, null | boolean | number | bigint | string>): void {
    if (value instanceof Uint8Array) {
      this.u8(TAG.binary);
      return this.bytes(value);
    }
    if ('unscaled' in value) {
      this.u8(TAG.decimal);
      this.u8(value.scale);
      return this.integer(value.unscaled);
    }
    if ('ticks' in value) {
      this.u8(value.offsetMinutes === undefined ? TAG.moment : TAG.offsetMoment);
      this.i64(value.ticks);
      if (value.offsetMinutes !== undefined) this.i32(value.offsetMinutes);
      return;
    }
    this.u8(TAG.variant);
    this.text(toJson(value.type));
    this.value(value.value);
  }

  values(values: readonly SqlValue[]): void {
    this.u32(values.length);
    for (const value of values) this.value(value);
  }
}

export class ByteReader {
  at = 0;
  readonly buffer: Buffer;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  get done(): boolean {
    return this.at >= this.buffer.length;
  }

  u8(): number {
    return this.buffer.readUInt8(this.at++);
  }

  u32(): number {
    this.at += 4;
    return this.buffer.readUInt32LE(this.at - 4);
  }

  i32(): number {
    this.at += 4;
    return this.buffer.readInt32LE(this.at - 4);
  }

  f64(): number {
    this.at += 8;
    return this.buffer.readDoubleLE(this.at - 8);
  }

  i64(): bigint {
    this.at += 8;
    return this.buffer.readBigInt64LE(this.at - 8);
  }

  bytes(): Buffer {
    const size = this.u32();
    this.at += size;
    return Buffer.from(this.buffer.subarray(this.at - size, this.at));
  }

  text(): string {
    const size = this.u32();
    this.at += size;
    return this.buffer.toString('utf8', this.at - size, this.at);
  }

  value(): SqlValue {
    const tag = this.u8();
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.int:
        return this.i32();
      case TAG.double:
        return this.f64();
      case TAG.bigint:
        return this.i64();
      case TAG.wideBigint:
        return BigInt(this.text());
      case TAG.text:
        return this.text();
      case TAG.wideText:
        return this.bytes().toString('utf16le');
      case TAG.binary:
        return new Uint8Array(this.bytes());
      case TAG.decimal: {
        const scale = this.u8();
        return { unscaled: this.value() as bigint, scale };
      }
      case TAG.moment:
        return { ticks: this.i64() };
      case TAG.offsetMoment:
        return { ticks: this.i64(), offsetMinutes: this.i32() };
      case TAG.variant:
        return { type: fromJson<Variant['type']>(this.text()), value: this.value() };
      default:
        throw new Error(`unknown value tag ${tag}`);
    }
  }

  values(): SqlValue[] {
    const count = this.u32();
    const values = new Array<SqlValue>(count);
    for (let i = 0; i < count; i += 1) values[i] = this.value();
    return values;
  }
}
