import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Proxy {
  readonly port: number;
  close(): Promise<void>;
}

/** Makes a port of 127.0.0.1 one of another address of this machine: of a bridge, on which only pods are. */
export async function openProxy(host: string, to: number): Promise<Proxy> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (incoming) => {
    const outgoing = connect({ host: '127.0.0.1', port: to, allowHalfOpen: true });
    for (const [from, into] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      open.add(from);
      from.setNoDelay(true);
      from.pipe(into);
      // One side's end, however it came, is the other's.
      from.once('error', () => into.destroy());
      from.once('close', () => {
        open.delete(from);
        into.destroySoon();
      });
    }
  }).listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async close() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}
