import { once } from 'node:events';
import { connect } from 'node:net';

export { freePort } from '../free-port.ts';

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
