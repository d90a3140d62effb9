/** Little-endian unless a name says otherwise; reading past the end throws RangeError. */
export class ByteReader {
  readonly buffer: Buffer;
  offset: number;

  constructor(buffer: Buffer, offset = 0) {
    this.buffer = buffer;
    this.offset = offset;
  }

  get remaining(): number {
    return this.buffer.length - this.offset;
  }

  #advance(size: number): number {
    const at = this.offset;
    if (size < 0 || at + size > this.buffer.length) throw new RangeError('The message ends too early.');
    this.offset = at + size;
    return at;
  }

  peek(): number | undefined {
    return this.buffer[this.offset];
  }
  u8(): number {
    return this.buffer.readUInt8(this.#advance(1));
  }
  u16(): number {
    return this.buffer.readUInt16LE(this.#advance(2));
  }
  u24(): number {
    return this.buffer.readUIntLE(this.#advance(3), 3);
  }
  u32(): number {
    return this.buffer.readUInt32LE(this.#advance(4));
  }
  u64(): bigint {
    return this.buffer.readBigUInt64LE(this.#advance(8));
  }
  i16(): number {
    return this.buffer.readInt16LE(this.#advance(2));
  }
  i32(): number {
    return this.buffer.readInt32LE(this.#advance(4));
  }
  i64(): bigint {
    return this.buffer.readBigInt64LE(this.#advance(8));
  }
  f32(): number {
    return this.buffer.readFloatLE(this.#advance(4));
  }
  f64(): number {
    return this.buffer.readDoubleLE(this.#advance(8));
  }
  /** An unsigned integer of any size. */
  unsigned(size: number): bigint {
    let value = 0n;
    const at = this.#advance(size);
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.buffer.readUInt8(at + i));
    return value;
  }
  bytes(size: number): Buffer {
    const at = this.#advance(size);
    return this.buffer.subarray(at, at + size);
  }
  ucs2(characters: number): string {
    return this.bytes(characters * 2).toString('utf16le');
  }
  /** One byte of length in characters, then UTF-16. */
  bVarchar(): string {
    return this.ucs2(this.u8());
  }
}

/** A growing buffer; {@link consume} takes from its front. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(1024);
  length = 0;

  /** Call it before touching #buffer, which it may replace. */
  #advance(size: number): number {
    const at = this.length;
    const needed = at + size;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    this.length = needed;
    return at;
  }

  u8(value: number): void {
    const at = this.#advance(1);
    this.#buffer.writeUInt8(value, at);
  }
  u16(value: number): void {
    const at = this.#advance(2);
    this.#buffer.writeUInt16LE(value, at);
  }
  u16be(value: number): void {
    const at = this.#advance(2);
    this.#buffer.writeUInt16BE(value, at);
  }
  u24(value: number): void {
    const at = this.#advance(3);
    this.#buffer.writeUIntLE(value, at, 3);
  }
  u32(value: number): void {
    const at = this.#advance(4);
    this.#buffer.writeUInt32LE(value, at);
  }
  u32be(value: number): void {
    const at = this.#advance(4);
    this.#buffer.writeUInt32BE(value, at);
  }
  u64(value: bigint): void {
    const at = this.#advance(8);
    this.#buffer.writeBigUInt64LE(value, at);
  }
  i16(value: number): void {
    const at = this.#advance(2);
    this.#buffer.writeInt16LE(value, at);
  }
  i32(value: number): void {
    const at = this.#advance(4);
    this.#buffer.writeInt32LE(value, at);
  }
  i64(value: bigint): void {
    const at = this.#advance(8);
    this.#buffer.writeBigInt64LE(value, at);
  }
  f32(value: number): void {
    const at = this.#advance(4);
    this.#buffer.writeFloatLE(value, at);
  }
  f64(value: number): void {
    const at = this.#advance(8);
    this.#buffer.writeDoubleLE(value, at);
  }
  unsigned(value: bigint, size: number): void {
    const at = this.#advance(size);
    let rest = value;
    for (let i = 0; i < size; i++) {
      this.#buffer.writeUInt8(Number(rest & 0xffn), at + i);
      rest >>= 8n;
    }
    if (rest !== 0n) throw new RangeError(`${value} does not fit into ${size} bytes.`);
  }
  bytes(value: Uint8Array): void {
    const at = this.#advance(value.length);
    this.#buffer.set(value, at);
  }
  fill(byte: number, size: number): void {
    const at = this.#advance(size);
    this.#buffer.fill(byte, at, at + size);
  }
  ucs2(text: string): void {
    const at = this.#advance(text.length * 2);
    this.#buffer.write(text, at, 'utf16le');
  }
  bVarchar(text: string): void {
    this.u8(text.length);
    this.ucs2(text);
  }
  usVarchar(text: string): void {
    this.u16(text.length);
    this.ucs2(text);
  }
  /** Runs `write` and puts the number of bytes it wrote in front of them, as a u16. */
  u16Sized(write: () => void): void {
    const at = this.#advance(2);
    write();
    this.#buffer.writeUInt16LE(this.length - at - 2, at);
  }
  u32Sized(write: () => void): void {
    const at = this.#advance(4);
    write();
    this.#buffer.writeUInt32LE(this.length - at - 4, at);
  }
  /** A copy of the first `size` bytes from `from` on. */
  copy(from: number, to: number, target: Buffer, targetStart: number): void {
    this.#buffer.copy(target, targetStart, from, to);
  }
  consume(size: number): void {
    this.#buffer.copyWithin(0, size, this.length);
    this.length -= size;
    if (this.length === 0 && this.#buffer.length > 1 << 20) this.#buffer = Buffer.allocUnsafe(1024);
  }
  toBuffer(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.length));
  }
}
