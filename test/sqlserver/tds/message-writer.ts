import { ByteWriter } from './bytes.ts';
import { HEADER_SIZE, PacketStatus, PacketType, packet } from './packet.ts';

export interface MessageWriterOptions {
  readonly packetSize: number;
  readonly spid: number;
  readonly type?: number;
  readonly write: (packet: Buffer) => void;
}

/** Cuts one answer into packets while it is produced. */
export class MessageWriter {
  readonly bytes = new ByteWriter();
  readonly #options: MessageWriterOptions;
  readonly #capacity: number;
  #packetId = 1;

  constructor(options: MessageWriterOptions) {
    this.#options = options;
    this.#capacity = options.packetSize - HEADER_SIZE;
  }

  /** Sends full packets, but keeps the last one: it may become the end of the message. */
  pump(): void {
    let from = 0;
    while (this.bytes.length - from > this.#capacity) {
      this.#send(from, from + this.#capacity, 0);
      from += this.#capacity;
    }
    if (from > 0) this.bytes.consume(from);
  }

  /** Sends everything written so far, in a short packet if need be. */
  flush(): void {
    this.pump();
    if (this.bytes.length === 0) return;
    this.#send(0, this.bytes.length, 0);
    this.bytes.consume(this.bytes.length);
  }

  end(): void {
    this.pump();
    this.#send(0, this.bytes.length, PacketStatus.endOfMessage);
    this.bytes.consume(this.bytes.length);
  }

  #send(from: number, to: number, status: number): void {
    const { type = PacketType.answer, spid, write } = this.#options;
    const bytes = packet(type, status, spid, this.#packetId++, to - from);
    this.bytes.copy(from, to, bytes, HEADER_SIZE);
    write(bytes);
  }
}
