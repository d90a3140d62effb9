import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

/**
 * A port of the range that nothing listens on, by chance, so that two restores that look at the same moment seldom take
 * the same one.
 * @returns null when none is free
 */
export async function freePort(
  [first, last]: readonly [number, number],
  taken: ReadonlySet<number>,
): Promise<number | null> {
  const ports = Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((port) => !taken.has(port));
  while (ports.length > 0) {
    const [port] = ports.splice(randomInt(ports.length), 1);
    if (port !== undefined && (await isFree(port))) return port;
  }
  return null;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

export function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const answer = (yes: boolean) => () => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', answer(true)).once('error', answer(false)).once('timeout', answer(false));
  });
}
