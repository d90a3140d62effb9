import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Worker } from '@temporalio/worker';
import type { Address } from './environment.ts';

/** What a probe looks at. */
export type Probed = Pick<Worker, 'getStatus'>;

export interface Health {
  /** With the port that was really bound. */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * GET /livez: is this process worth keeping? Not tied to Temporal or SQL Server: restarting the worker heals neither.
 * GET /readyz: does it take work?
 */
export async function serveHealth(worker: Probed, { host, port }: Address): Promise<Health> {
  const server = createServer((request, response) => {
    const answer = request.method === 'GET' || request.method === 'HEAD' ? probe(worker, request.url ?? '') : null;
    response.writeHead(answer === null ? 404 : answer.ok ? 200 : 503, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(answer ?? { error: 'GET /livez or /readyz' })}\n`);
  });
  server.listen(port, host);
  await once(server, 'listening');
  return { address: addressOf(server), close: () => close(server) };
}

function probe(worker: Probed, url: string): { ok: boolean; [fact: string]: unknown } | null {
  const { runState, workflowPollerState, activityPollerState, numInFlightActivities } = worker.getStatus();
  switch (url.split('?', 1)[0]) {
    case '/livez':
      return { ok: runState !== 'FAILED', runState };
    case '/readyz': {
      const ok = runState === 'RUNNING' && workflowPollerState === 'POLLING' && activityPollerState === 'POLLING';
      return { ok, runState, workflowPollerState, activityPollerState, numInFlightActivities };
    }
    default:
      return null;
  }
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  if (server.listening) await once(server, 'close');
}
