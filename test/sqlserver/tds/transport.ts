import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import type { Certificates } from './certificates.ts';
import { TlsBridge } from './tls-bridge.ts';

export interface TransportOptions {
  readonly socket: Socket;
  readonly certificates: Certificates;
  readonly receive: (chunk: Buffer) => void;
  readonly failed: (error: Error) => void;
}

const KEEP_ALIVE_MS = 30_000;
const END_TIMEOUT_MS = 5_000;
const BREATH_MS = 5;

/** The bytes of a connection, with TLS below them or without. */
export class Transport {
  readonly #options: TransportOptions;
  #bridge: TlsBridge | undefined;
  #tls: TLSSocket | undefined;
  #corked = false;
  #lastBreath = 0;

  constructor(options: TransportOptions) {
    this.#options = options;
    const { socket } = options;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', (chunk: Buffer) => {
      if (this.#bridge === undefined) options.receive(chunk);
      else this.#bridge.receive(chunk);
    });
  }

  get encrypted(): boolean {
    return this.#tls !== undefined;
  }

  get #stream(): Socket {
    return this.#tls ?? this.#options.socket;
  }

  /** `rest` are bytes that had arrived already. */
  startTls(options: { readonly strict: boolean; readonly rest: Buffer }): void {
    const { socket, certificates, receive, failed } = this.#options;
    const bridge = new TlsBridge({ strict: options.strict, write: (chunk, done) => void socket.write(chunk, done) });
    const tls = new TLSSocket(bridge, {
      isServer: true,
      secureContext: options.strict ? certificates.strictContext : certificates.context,
      ...(options.strict ? { ALPNProtocols: ['tds/8.0'] } : {}),
    });
    bridge.on('error', failed);
    tls.on('data', receive);
    tls.on('error', failed);
    this.#bridge = bridge;
    this.#tls = tls;
    if (options.rest.length > 0) bridge.receive(options.rest);
  }

  /** Everything from here on is in clear text, both ways. */
  endTls(): void {
    this.#bridge?.detach();
    this.#tls?.removeAllListeners('data');
    this.#tls?.destroy();
    this.#bridge = undefined;
    this.#tls = undefined;
  }

  write(chunk: Buffer): void {
    const stream = this.#stream;
    if (!stream.writable) return;
    if (!this.#corked) {
      this.#corked = true;
      stream.cork();
      process.nextTick(() => {
        this.#corked = false;
        stream.uncork();
      });
    }
    stream.write(chunk);
  }

  /** Resolves when the peer has taken enough, when the connection is gone or when the signal fires. */
  async ready(signal: AbortSignal): Promise<void> {
    const stream = this.#stream;
    if (signal.aborted || stream.destroyed) return;
    if (!stream.writableNeedDrain) {
      await this.#breathe();
      return;
    }
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        stream.off('drain', settle);
        stream.off('close', settle);
        signal.removeEventListener('abort', settle);
        resolve();
      };
      stream.on('drain', settle);
      stream.on('close', settle);
      signal.addEventListener('abort', settle);
    });
  }

  /** A producer that never has to wait would starve the event loop, and no attention would ever be seen. */
  async #breathe(): Promise<void> {
    const now = performance.now();
    if (now - this.#lastBreath < BREATH_MS) return;
    await setImmediate();
    this.#lastBreath = performance.now();
  }

  /** Sends what is written and closes, for good after a while when the peer does not read. */
  end(): void {
    const { socket } = this.#options;
    const impatience = setTimeout(() => this.destroy(), END_TIMEOUT_MS);
    socket.once('close', () => clearTimeout(impatience));
    const stream = this.#stream;
    if (stream === socket) {
      socket.destroySoon();
      return;
    }
    stream.end(() => socket.destroySoon());
  }

  destroy(): void {
    this.#tls?.destroy();
    this.#bridge?.destroy();
    this.#options.socket.destroy();
  }
}
