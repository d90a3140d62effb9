import { join } from 'node:path';
import { startDevServer } from '../../worker/dev/dev-server.ts';
import { freePort } from '../../worker/dev/ports.ts';
import { temporalBinary } from '../../worker/dev/temporal-binary.ts';
import { takeAlongPid } from './children.ts';

export interface TemporalServer {
  /** host:port, for TEMPORAL_ADDRESS. */
  readonly address: string;
  readonly namespace: string;
  stop(): Promise<void>;
}

export interface TemporalOptions {
  /** Keeps runs in a file there instead of in memory, and the server's log beside it. */
  readonly dbFolder?: string;
  /** The port of a server before, to take its place. */
  readonly port?: number;
  /** Of the server, as `key=value`. */
  readonly dynamicConfig?: readonly string[];
  /** Without the search attributes that runs carry. */
  readonly bare?: boolean;
}

/** A Temporal dev server of this test's own, on a free port of 127.0.0.1. */
export async function startTemporal({
  dbFolder,
  port,
  dynamicConfig = [],
  bare = false,
}: TemporalOptions = {}): Promise<TemporalServer> {
  const binary = await temporalBinary({ say: (line) => process.stderr.write(`${line}\n`) });
  const files = dbFolder && { dbFile: join(dbFolder, 'temporal.db'), logFile: join(dbFolder, 'temporal.log') };
  const server = await startDevServer({ binary, port: port ?? (await freePort()), dynamicConfig, bare, ...files });
  const leave = takeAlongPid(server.pid);
  return {
    address: server.address,
    namespace: 'default',
    stop: () => server.stop().finally(leave),
  };
}
