import { Client, Connection } from '@temporalio/client';
import { connectionTarget, type ConnectionTarget } from './connection-options.ts';
import { exitCodes } from './exit-codes.ts';
import { Problem, wrongInput } from './problem.ts';

export interface Connected {
  readonly client: Client;
  readonly address: string;
  readonly namespace: string;
  close(): Promise<void>;
}

export async function connectClient(): Promise<Connected> {
  const { address, namespace, options } = readTarget();
  let connection: Connection;
  try {
    connection = await Connection.connect({ ...options, connectTimeout: '5 seconds' });
  } catch (error) {
    throw new Problem({
      type: 'TemporalUnreachable',
      happened: `Temporal does not answer at ${address} (${reason(error)}).`,
      hint: 'Start it with npm run dev, or say where it is with TEMPORAL_ADDRESS.',
      exitCode: exitCodes.temporalUnreachable,
    });
  }
  const client = new Client({ connection, namespace });
  return { client, address, namespace, close: () => connection.close() };
}

function readTarget(): ConnectionTarget {
  try {
    return connectionTarget();
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw wrongInput(`The Temporal connection settings cannot be read: ${what}.`, 'Mend temporal.toml or TEMPORAL_*.');
  }
}

/** The innermost cause's first line: the outer ones only say that connecting failed. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reason(error.cause);
  const { details } = error as { details?: unknown };
  return (typeof details === 'string' && details ? details : error.message).split('\n', 1)[0] ?? '';
}
