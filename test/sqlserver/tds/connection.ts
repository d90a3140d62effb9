import type { Socket } from 'node:net';
import { SqlError } from '../contracts.ts';
import type { SqlServer } from '../contracts.ts';
import type { Certificates } from './certificates.ts';
import { Conversation } from './conversation.ts';
import { writeLoginAnswer } from './login-answer.ts';
import { logIn, negotiatePacketSize } from './login.ts';
import { readLogin7 } from './login7.ts';
import type { Login7 } from './login7.ts';
import { MessageWriter } from './message-writer.ts';
import { MessageAssembler, PacketType, ProtocolError } from './packet.ts';
import type { Message } from './packet.ts';
import { Encryption, negotiate, readPrelogin, writePrelogin } from './prelogin.ts';
import { DoneStatus, Token, writeDone, writeMessage } from './tokens.ts';
import { Transport } from './transport.ts';

export interface ConnectionOptions {
  readonly socket: Socket;
  readonly server: SqlServer;
  readonly certificates: Certificates;
  readonly log: (line: string) => void;
}

const LOGIN_TIMEOUT_MS = 30_000;
const PRELOGIN_PACKET_SIZE = 4096;
const TLS_HANDSHAKE = 0x16;

type Phase = 'start' | 'prelogin' | 'login' | 'logging in' | 'logged in';

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #transport: Transport;
  readonly #assembler = new MessageAssembler((message) => this.#take(message));
  readonly #loginTimer: NodeJS.Timeout;
  readonly #clientAddress: string;
  /** Settles when socket and session are closed. */
  readonly closed: Promise<void>;
  #phase: Phase = 'start';
  #encryptsLoginOnly = false;
  #packetSize = PRELOGIN_PACKET_SIZE;
  #spid = 0;
  #login: Promise<void> | undefined;
  #conversation: Conversation | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { socket, certificates } = options;
    this.#clientAddress = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    this.#transport = new Transport({
      socket,
      certificates,
      receive: (chunk) => this.#receive(chunk),
      failed: (error) => this.#break(`TLS: ${error.message}`),
    });
    this.#loginTimer = setTimeout(() => this.destroy(), LOGIN_TIMEOUT_MS);
    // A reset of the connection is the client's way of leaving; 'close' follows.
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.destroy());
    this.closed = new Promise<void>((resolve) => socket.once('close', () => resolve())).then(() => this.#release());
  }

  destroy(): void {
    this.#transport.destroy();
  }

  #break(reason: string): void {
    if (!this.#options.socket.destroyed) this.#options.log(`The connection of ${this.#clientAddress} ended: ${reason}`);
    this.destroy();
  }

  async #release(): Promise<void> {
    clearTimeout(this.#loginTimer);
    this.#transport.destroy();
    try {
      await this.#login;
      await this.#conversation?.close();
    } catch (error) {
      this.#options.log(`A session could not be closed: ${describe(error)}`);
    }
  }

  #receive(chunk: Buffer): void {
    try {
      if (this.#phase === 'start') {
        this.#phase = 'prelogin';
        if (chunk[0] === TLS_HANDSHAKE) {
          this.#transport.startTls({ strict: true, rest: chunk });
          return;
        }
      }
      this.#assembler.push(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError) && !(error instanceof RangeError)) throw error;
      this.#break(error.message);
    }
  }

  #take(message: Message): void {
    if (this.#conversation !== undefined) this.#conversation.take(message);
    else if (this.#phase === 'prelogin' && message.type === PacketType.prelogin) this.#takePrelogin(message);
    else if (this.#phase === 'login' && message.type === PacketType.login7) this.#takeLogin(message);
    else throw new ProtocolError(`A message of type ${message.type} came in the phase "${this.#phase}".`);
  }

  #takePrelogin(message: Message): void {
    this.#phase = 'login';
    const { version } = this.#options.server;
    const wish = readPrelogin(message.payload);
    const encryption = negotiate(wish.encryption);
    const answer = this.#newMessage();
    answer.bytes.bytes(writePrelogin({ version, encryption, fedAuth: wish.asksFedAuth }));
    answer.end();
    if (encryption === Encryption.notSupported || this.#transport.encrypted) return;
    this.#encryptsLoginOnly = encryption === Encryption.off;
    this.#transport.startTls({ strict: false, rest: this.#assembler.takeRest() });
  }

  #takeLogin(message: Message): void {
    this.#phase = 'logging in';
    const login = readLogin7(message.payload);
    if (this.#encryptsLoginOnly) this.#transport.endTls();
    this.#login = this.#answerLogin(login);
  }

  async #answerLogin(login: Login7): Promise<void> {
    const { server, log } = this.#options;
    const disconnect = (): void => this.#transport.end();
    try {
      const session = await logIn(server, login, { clientAddress: this.#clientAddress, disconnect });
      clearTimeout(this.#loginTimer);
      this.#spid = session.spid;
      const answer = this.#newMessage();
      const previousPacketSize = this.#packetSize;
      this.#packetSize = negotiatePacketSize(login.packetSize, this.#transport.encrypted);
      const transport = this.#transport;
      const newMessage = (): MessageWriter => this.#newMessage();
      this.#conversation = new Conversation({ session, serverName: server.serverName, transport, newMessage, log });
      const { database } = session;
      writeLoginAnswer(answer.bytes, { server, login, database, packetSize: this.#packetSize, previousPacketSize });
      answer.end();
    } catch (error) {
      this.#refuseLogin(error);
    }
  }

  #refuseLogin(error: unknown): void {
    const { server, log } = this.#options;
    if (!(error instanceof SqlError)) log(`A login failed within the simulated server: ${describe(error)}`);
    const messages =
      error instanceof SqlError
        ? error.messages
        : [{ number: 50000, class: 20, state: 1, text: 'The simulated server failed during the login.' }];
    const answer = this.#newMessage();
    for (const each of messages) writeMessage(answer.bytes, each, server.serverName);
    writeDone(answer.bytes, { token: Token.done, status: DoneStatus.error, curCmd: 0, rowCount: 0 });
    answer.end();
    this.#transport.end();
  }

  #newMessage(): MessageWriter {
    const write = (bytes: Buffer): void => this.#transport.write(bytes);
    return new MessageWriter({ packetSize: this.#packetSize, spid: this.#spid, write });
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
