import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Fleet } from '../../activities/fleet/fleet.ts';
import { newestRun, runsSince, standingOf, type EndedRun } from './read-runs.ts';

export interface FollowOptions {
  readonly client: Client;
  readonly fleet: Fleet;
  readonly instances: readonly string[];
  readonly signal: AbortSignal;
  readonly problem: (message: string, error: unknown) => void;
  readonly pollMs?: number;
  /** Between two questions at the start: servers answer a namespace only some ten of these a second. */
  readonly paceMs?: number;
}

const kinds = ['log', 'full', 'differential'] as const;
/** A run's end shows up in the list some time after it. */
const overlapMs = 60_000;

/**
 * Keeps the fleet's picture whole in every worker: what other workers found, and what was known before this one started, is read
 * from the results of ended runs. Without it a worker that starts again would show nothing until the next run, and nothing at
 * all when runs have stopped, which is when it matters.
 */
export async function followRuns({
  client,
  fleet,
  instances,
  signal,
  problem,
  pollMs = 30_000,
  paceMs = 250,
}: FollowOptions): Promise<void> {
  let sinceMs = Date.now();
  const take = async (run: EndedRun): Promise<void> => {
    const standing = await standingOf(client, run);
    if (standing !== null) fleet.put(standing);
  };
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!signal.aborted) problem(what, error);
    }
  };
  const catchUp = async (instance: string, kind: string): Promise<void> => {
    const newest = await newestRun(client, { instance, kind });
    if (newest === null) return;
    await take(newest);
    if (newest.complete) return;
    const complete = await newestRun(client, { instance, kind, complete: true });
    if (complete !== null) await take(complete);
  };

  try {
    for (const kind of kinds) {
      for (const instance of instances) {
        await attempt(`read the last ${kind} run of ${instance}`, () => catchUp(instance, kind));
        await pause(paceMs, undefined, { signal });
      }
    }
    let seen: ReadonlySet<string> = new Set();
    for (;;) {
      const askedMs = Date.now();
      await attempt('read the runs that ended lately', async () => {
        const runs = await runsSince(client, sinceMs);
        for (const run of runs.filter(({ runId }) => !seen.has(runId))) await take(run);
        seen = new Set(runs.map(({ runId }) => runId));
        sinceMs = askedMs - overlapMs;
      });
      await pause(pollMs, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
