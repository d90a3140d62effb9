import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ByteWriter } from '../bytes.ts';
import { TDS_7_4 } from '../login7.ts';
import { HEADER_SIZE, MessageAssembler, PacketStatus, PacketType, packet } from '../packet.ts';
import { Encryption } from '../prelogin.ts';
import { TlsBridge } from '../tls-bridge.ts';
import { PASSWORD } from './fake-server.ts';

/** A client that shows the bytes: no TLS, no tokens. */
export class RawClient implements AsyncDisposable {
  readonly socket: Socket;
  /** First packet's SPID of each message. */
  readonly spids: number[] = [];
  readonly #messages: Buffer[] = [];
  #wake: () => void = () => undefined;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1' });
    const assembler = new MessageAssembler((message) => {
      this.#messages.push(message.payload);
      this.#wake();
    });
    this.socket.on('data', (chunk) => {
      this.spids.push(chunk.readUInt16BE(4));
      assembler.push(chunk);
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => this.#wake());
  }

  send(type: number, payload: Buffer, status: number = PacketStatus.endOfMessage): void {
    const bytes = packet(type, status, 0, 1, payload.length);
    payload.copy(bytes, HEADER_SIZE);
    this.socket.write(bytes);
  }

  sendBatch(text: string, status?: number): void {
    this.send(PacketType.batch, batchPayload(text), status);
  }

  /** The next message; undefined when the connection ended instead. */
  async next(): Promise<Buffer | undefined> {
    while (this.#messages.length === 0 && !this.socket.destroyed) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#messages.shift();
  }

  async prelogin(encryption: number = Encryption.notSupported): Promise<Buffer> {
    this.send(PacketType.prelogin, Buffer.of(1, 0, 6, 0, 1, 0xff, encryption));
    const answer = await this.next();
    if (answer === undefined) throw new Error('The server hung up.');
    return answer;
  }

  async login(tdsVersion: number = TDS_7_4): Promise<Buffer> {
    this.send(PacketType.login7, login7Payload('sa', PASSWORD, tdsVersion));
    const answer = await this.next();
    if (answer === undefined) throw new Error('The server hung up.');
    return answer;
  }

  /** TLS for LOGIN7 alone; the answer comes in clear text again, as everything after it. */
  async loginThroughTls(): Promise<Buffer> {
    const bridge = new TlsBridge({ strict: false, write: (chunk, done) => void this.socket.write(chunk, done) });
    const assembling = this.socket.listeners('data')[0] as (chunk: Buffer) => void;
    this.socket.off('data', assembling);
    this.socket.on('data', (chunk) => {
      if (chunk[0] === PacketType.answer) assembling(chunk);
      else bridge.receive(chunk);
    });
    const tls = connectTls({ socket: bridge, rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
    await once(tls, 'secureConnect');
    const payload = login7Payload('sa', PASSWORD, TDS_7_4);
    const bytes = packet(PacketType.login7, PacketStatus.endOfMessage, 0, 1, payload.length);
    payload.copy(bytes, HEADER_SIZE);
    tls.write(bytes);
    const answer = await this.next();
    bridge.detach();
    tls.destroy();
    if (answer === undefined) throw new Error('The server hung up.');
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.closed) return;
    const closed = once(this.socket, 'close');
    this.socket.destroy();
    await closed;
  }
}

export async function loggedIn(port: number): Promise<RawClient> {
  const client = new RawClient(port);
  await client.prelogin();
  await client.login();
  return client;
}

/** ALL_HEADERS with a transaction descriptor of zero. */
export function allHeaders(): Buffer {
  const writer = new ByteWriter();
  writer.u32(22);
  writer.u32(18);
  writer.u16(2);
  writer.u64(0n);
  writer.u32(1);
  return writer.toBuffer();
}

export function batchPayload(text: string): Buffer {
  return Buffer.concat([allHeaders(), Buffer.from(text, 'utf16le')]);
}

function obfuscated(password: string): Buffer {
  return Buffer.from(Buffer.from(password, 'utf16le').map((byte) => (((byte << 4) | (byte >> 4)) & 0xff) ^ 0xa5));
}

function login7Payload(user: string, password: string, tdsVersion: number): Buffer {
  const fixed = 94;
  const fields: readonly Buffer[] = [
    Buffer.from('raw', 'utf16le'),
    Buffer.from(user, 'utf16le'),
    obfuscated(password),
    ...Array<Buffer>(6).fill(Buffer.alloc(0)),
  ];
  const writer = new ByteWriter();
  writer.u32(fixed + fields.reduce((sum, field) => sum + field.length, 0));
  writer.u32(tdsVersion);
  writer.u32(4096);
  writer.fill(0, 24);
  let offset = fixed;
  for (const field of fields) {
    writer.u16(offset);
    writer.u16(field.length / 2);
    offset += field.length;
  }
  writer.fill(0, fixed - writer.length);
  for (const field of fields) writer.bytes(field);
  return writer.toBuffer();
}
