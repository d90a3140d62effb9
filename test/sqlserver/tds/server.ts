import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { SqlServer } from '../contracts.ts';
import { loadCertificates } from './certificates.ts';
import type { KeyPair } from './certificates.ts';
import { Connection } from './connection.ts';
import { selfSigned } from './self-signed.ts';

export interface TdsOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  readonly server: SqlServer;
  /** PEM; without one a self-signed certificate for the server's name and the loopback names is made. */
  readonly certificate?: KeyPair;
  /** Failures of the simulator itself and connections that broke; standard error when absent. */
  readonly log?: (line: string) => void;
}

export interface TdsListener {
  readonly port: number;
  /** PEM, for clients that shall trust this server. */
  readonly certificate: string;
  /** Stops taking logins, ends every connection and waits until their sessions are closed. */
  close(): Promise<void>;
}

export async function listen(options: TdsOptions): Promise<TdsListener> {
  const { port, host, server } = options;
  const log = options.log ?? ((line: string) => void process.stderr.write(`${line}\n`));
  const keyPair = options.certificate ?? selfSigned(['localhost', server.serverName, '127.0.0.1', '::1']);
  const certificates = loadCertificates(keyPair);
  const connections = new Set<Connection>();
  const listener = createServer((socket) => {
    const connection = new Connection({ socket, server, certificates, log });
    connections.add(connection);
    void connection.closed.then(() => connections.delete(connection));
  });
  listener.listen({ port, host });
  await once(listener, 'listening');
  listener.on('error', (error) => log(`A connection could not be taken: ${error.message}`));
  return {
    port: (listener.address() as AddressInfo).port,
    certificate: keyPair.cert,
    async close() {
      const stopped = once(listener, 'close');
      listener.close();
      const closing = [...connections].map((connection) => {
        connection.destroy();
        return connection.closed;
      });
      await Promise.all([stopped, ...closing]);
    },
  };
}
