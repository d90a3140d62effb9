import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

/** A port that was free a moment ago. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Does anything listen there? */
export async function listens(host: string, port: number, withinMs = 1_000): Promise<boolean> {
  const socket = connect({ host, port });
  socket.setTimeout(withinMs, () => socket.destroy(new Error('too slow')));
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
