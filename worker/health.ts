import type { Address } from './environment.ts';
import { serve, type Served } from './http-server.ts';
import type { Probe } from './probe.ts';

/**
 * GET /livez: is this process worth keeping? Not tied to Temporal or SQL Server: restarting the worker heals neither.
 * GET /readyz: does it take work? Its workflows are loaded, Temporal answers, both pollers poll.
 */
export function serveHealth(probe: Probe, address: Address): Promise<Served> {
  return serve(address, (request, response) => {
    const asked = request.method === 'GET' || request.method === 'HEAD' ? (request.url ?? '').split('?', 1)[0] : '';
    void answer(probe, asked ?? '').then((found) => {
      response.writeHead(found === null ? 404 : found.ok ? 200 : 503, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify(found ?? { error: 'GET /livez or /readyz' })}\n`);
    });
  });
}

type Answer = { readonly ok: boolean; readonly [fact: string]: unknown };

async function answer(probe: Probe, path: string): Promise<Answer | null> {
  const status = probe.status();
  const runState = status?.runState ?? 'STARTING';
  if (path === '/livez') return { ok: runState !== 'FAILED', runState };
  if (path !== '/readyz') return null;
  if (status === null) return { ok: false, runState };
  const { workflowPollerState, activityPollerState, numInFlightActivities } = status;
  const temporal = await probe.temporalAnswers();
  const polls = workflowPollerState === 'POLLING' && activityPollerState === 'POLLING';
  const ok = runState === 'RUNNING' && polls && temporal;
  return { ok, runState, temporal, workflowPollerState, activityPollerState, numInFlightActivities };
}
