import { Duplex } from 'node:stream';
import { HEADER_SIZE, PacketStatus, PacketType, packet } from './packet.ts';

const APPLICATION_DATA = 0x17;
/** Before login the packet size is 4096. */
const MAX_PAYLOAD = 4096 - HEADER_SIZE;

export interface TlsBridgeOptions {
  /** TDS 8: TLS comes first and no packet wraps its handshake. */
  readonly strict: boolean;
  readonly write: (chunk: Buffer, done: (error?: Error | null) => void) => void;
}

/**
 * Lies between the TLS engine and the socket: handshake records travel as the payload of PRELOGIN packets (MS-TDS
 * 3.3.5.1), everything after the handshake travels as plain TLS records. Which of the two comes in shows in the first
 * byte, because no TLS record type equals the packet type 0x12; which goes out shows in the record type.
 */
export class TlsBridge extends Duplex {
  readonly #options: TlsBridgeOptions;
  #plain: boolean;
  #incoming: Buffer = Buffer.alloc(0);
  #flight: Buffer[] = [];
  #detached = false;

  constructor(options: TlsBridgeOptions) {
    super({ allowHalfOpen: false });
    this.#options = options;
    this.#plain = options.strict;
  }

  /** Bytes from the socket. */
  receive(chunk: Buffer): void {
    if (this.#plain) {
      this.push(chunk);
      return;
    }
    this.#incoming = Buffer.concat([this.#incoming, chunk]);
    while (this.#incoming.length > 0) {
      if (this.#incoming[0] !== PacketType.prelogin) {
        this.push(this.#incoming);
        this.#incoming = Buffer.alloc(0);
        return;
      }
      if (this.#incoming.length < HEADER_SIZE) return;
      const length = this.#incoming.readUInt16BE(2);
      if (length <= HEADER_SIZE || this.#incoming.length < length) return;
      this.push(this.#incoming.subarray(HEADER_SIZE, length));
      this.#incoming = this.#incoming.subarray(length);
    }
  }

  /** TLS is over (login-only encryption): nothing more may reach the socket, not even a closing alert. */
  detach(): void {
    this.#detached = true;
    this.#flight = [];
  }

  override _read(): void {
    // receive() pushes; the socket's own flow control is left to its peer, which waits for answers.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#detached) {
      done();
      return;
    }
    if (this.#plain || chunk[0] === APPLICATION_DATA) {
      this.#sendFlight();
      this.#plain = true;
      this.#options.write(chunk, done);
      return;
    }
    // Clients expect one message for each flight, however many pieces the TLS engine writes it in.
    if (this.#flight.length === 0) setImmediate(() => this.#sendFlight());
    this.#flight.push(chunk);
    done();
  }

  #sendFlight(): void {
    const flight = Buffer.concat(this.#flight);
    this.#flight = [];
    for (let from = 0, id = 1; from < flight.length; from += MAX_PAYLOAD, id++) {
      const payload = flight.subarray(from, from + MAX_PAYLOAD);
      const last = from + MAX_PAYLOAD >= flight.length;
      const bytes = packet(PacketType.prelogin, last ? PacketStatus.endOfMessage : 0, 0, id, payload.length);
      payload.copy(bytes, HEADER_SIZE);
      this.#options.write(bytes, () => undefined);
    }
  }
}
