import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startDevServer } from '../../../worker/dev/dev-server.ts';
import { freePort } from '../../../worker/dev/ports.ts';
import { temporalBinary } from '../../../worker/dev/temporal-binary.ts';
import { takeAlongPid } from '../children.ts';
import { openProxy } from './proxy.ts';

/** A Temporal server on this machine that pods of a cluster reach. */
export interface ReachableTemporal {
  readonly client: Client;
  readonly uiUrl: string | null;
  /** For pods. */
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * @param folder for its database and its log
 * @param host by which pods reach this machine: an address of it, or a name that leads to its loopback, as
 *   host.docker.internal does
 */
export async function startReachableTemporal(folder: string, host: string): Promise<ReachableTemporal> {
  const port = await freePort();
  const server = await startDevServer({
    binary: await temporalBinary({ say: (line) => process.stderr.write(`${line}\n`) }),
    port,
    uiPort: await freePort(),
    dbFile: join(folder, 'temporal.db'),
    logFile: join(folder, 'temporal.log'),
  });
  const leave = takeAlongPid(server.pid);
  try {
    // The server itself stays on loopback: told to listen on another address it does not find its own parts.
    const proxy = isOwnAddress(host) ? await openProxy(host, port) : null;
    const connection = await Connection.connect({ address: server.address });
    return {
      client: new Client({ connection }),
      uiUrl: server.uiUrl,
      address: `${host}:${proxy?.port ?? port}`,
      async stop() {
        // The connection is left to this process's end: closed, it would make a call that is being tried again throw in a timer.
        await proxy?.close();
        await server.stop();
        leave();
      },
    };
  } catch (error) {
    await server.stop();
    leave();
    throw error;
  }
}

function isOwnAddress(host: string): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === host));
}
