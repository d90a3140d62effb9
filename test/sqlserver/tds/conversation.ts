import type { Session } from '../contracts.ts';
import type { MessageWriter } from './message-writer.ts';
import { PacketType } from './packet.ts';
import type { Message } from './packet.ts';
import { answerRequest } from './request.ts';
import { DoneStatus, NO_COMMAND, Token, writeDone } from './tokens.ts';
import type { Transport } from './transport.ts';

export interface ConversationOptions {
  readonly session: Session;
  readonly serverName: string;
  readonly transport: Transport;
  readonly newMessage: () => MessageWriter;
  readonly log: (line: string) => void;
}

/** A logged-in connection: one request after the other, while attentions may come in at any time. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #queue: Message[] = [];
  #controller: AbortController | undefined;
  #attention = false;
  #running: Promise<void> | undefined;
  #over = false;

  constructor(options: ConversationOptions) {
    this.#options = options;
  }

  take(message: Message): void {
    if (this.#over) return;
    if (message.type === PacketType.attention) {
      this.#takeAttention();
      return;
    }
    this.#queue.push(message);
    this.#running ??= this.#run();
  }

  /** The connection is gone. */
  async close(): Promise<void> {
    this.#over = true;
    this.#queue.length = 0;
    this.#controller?.abort();
    await this.#running;
    await this.#options.session.close();
  }

  /** An attention finds a request running and interrupts it, or finds none; it is acknowledged in either case. */
  #takeAttention(): void {
    if (this.#controller === undefined) {
      this.#acknowledgeAttention();
      return;
    }
    this.#attention = true;
    this.#controller.abort();
  }

  async #run(): Promise<void> {
    try {
      for (let request = this.#queue.shift(); request !== undefined; request = this.#queue.shift()) {
        await this.#answer(request);
      }
    } catch (error) {
      this.#options.log(
        `An answer could not be written: ${error instanceof Error ? (error.stack ?? '') : String(error)}`,
      );
      this.#options.transport.destroy();
    }
    this.#running = undefined;
  }

  async #answer(request: Message): Promise<void> {
    const { session, serverName, transport, log } = this.#options;
    const controller = new AbortController();
    const { signal } = controller;
    this.#controller = controller;
    const message = this.#options.newMessage();
    const ready = (): Promise<void> => transport.ready(signal);
    const outcome = await answerRequest({ request, session, serverName, message, signal, ready, log });
    message.end();
    this.#controller = undefined;
    if (this.#attention) this.#acknowledgeAttention();
    if (outcome === 'close') {
      this.#over = true;
      this.#queue.length = 0;
      transport.end();
    }
  }

  /** A message of its own after the one that answers the request. */
  #acknowledgeAttention(): void {
    this.#attention = false;
    const message = this.#options.newMessage();
    writeDone(message.bytes, { token: Token.done, status: DoneStatus.attention, curCmd: NO_COMMAND, rowCount: 0 });
    message.end();
  }
}
