/** MS-TDS 2.2.3.1 Packet Header. */
export const HEADER_SIZE = 8;

export const PacketType = {
  batch: 0x01,
  rpc: 0x03,
  answer: 0x04,
  attention: 0x06,
  bulkLoad: 0x07,
  federatedToken: 0x08,
  transactionManager: 0x0e,
  login7: 0x10,
  sspi: 0x11,
  prelogin: 0x12,
} as const;

const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(PacketType));

export const PacketStatus = { endOfMessage: 0x01, ignore: 0x02, reset: 0x08, resetKeepTransaction: 0x10 } as const;

export interface Message {
  readonly type: number;
  /** Of the first packet: RESETCONNECTION counts there only (MS-TDS 2.2.3.1.2). */
  readonly firstStatus: number;
  readonly lastStatus: number;
  readonly payload: Buffer;
}

/** What the peer sent is not TDS; nothing sensible can be answered. */
export class ProtocolError extends Error {}

/** A request is bounded by 65,536 packets (Maximum capacity specifications for SQL Server: batch size). */
const MAX_PACKETS = 65_536;

/** Turns the bytes of a connection into messages. */
export class MessageAssembler {
  readonly #deliver: (message: Message) => void;
  #pending: Buffer = Buffer.alloc(0);
  #parts: Buffer[] = [];
  #type = 0;
  #firstStatus = 0;

  constructor(deliver: (message: Message) => void) {
    this.#deliver = deliver;
  }

  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    for (;;) {
      if (this.#pending.length < HEADER_SIZE) return;
      const type = this.#pending.readUInt8(0);
      if (!KNOWN_TYPES.has(type)) throw new ProtocolError(`0x${type.toString(16)} is not the type of a packet.`);
      const length = this.#pending.readUInt16BE(2);
      if (length < HEADER_SIZE) throw new ProtocolError(`A packet of ${length} bytes is shorter than its header.`);
      if (this.#pending.length < length) return;
      const packet = this.#pending.subarray(0, length);
      this.#pending = this.#pending.subarray(length);
      this.#take(type, packet.readUInt8(1), packet.subarray(HEADER_SIZE));
    }
  }

  /** Bytes that came after the last whole packet, for a change of layer (TLS). */
  takeRest(): Buffer {
    const rest = this.#pending;
    this.#pending = Buffer.alloc(0);
    return rest;
  }

  #take(type: number, status: number, payload: Buffer): void {
    if (this.#parts.length > 0 && type !== this.#type) this.#parts = [];
    if (this.#parts.length === 0) {
      this.#type = type;
      this.#firstStatus = status;
    }
    this.#parts.push(payload);
    if (this.#parts.length > MAX_PACKETS) throw new ProtocolError('The request has too many packets.');
    if ((status & PacketStatus.endOfMessage) === 0) return;
    const parts = this.#parts;
    this.#parts = [];
    const [first] = parts;
    this.#deliver({
      type,
      firstStatus: this.#firstStatus,
      lastStatus: status,
      payload: parts.length === 1 && first !== undefined ? first : Buffer.concat(parts),
    });
  }
}

/** One packet around a payload that fits. */
export function packet(type: number, status: number, spid: number, id: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_SIZE + size);
  bytes.writeUInt8(type, 0);
  bytes.writeUInt8(status, 1);
  bytes.writeUInt16BE(HEADER_SIZE + size, 2);
  bytes.writeUInt16BE(spid & 0xffff, 4);
  bytes.writeUInt8(id & 0xff, 6);
  bytes.writeUInt8(0, 7);
  return bytes;
}
