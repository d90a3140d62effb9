import { WorkflowFailedError, type Client, type WorkflowExecutionInfo } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { InstanceStanding } from '../../activities/fleet/fleet.ts';
import type { BackupResult } from '../../workflows/backup-instance.ts';
import { BackupKind, SqlInstance } from '../../workflows/search-attributes.ts';

/** A backup run that ended, as the list of runs shows it. */
export interface EndedRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly instance: string;
  readonly kind: string;
  readonly complete: boolean;
  readonly startedMs: number;
  readonly endedMs: number;
}

const ended = `WorkflowType = 'backupInstance' AND ExecutionStatus IN ('Completed', 'Failed')`;

/** The newest of an instance and a kind, newest first as the server lists them. */
export async function newestRun(
  client: Client,
  { instance, kind, complete = false }: { instance: string; kind: string; complete?: boolean },
): Promise<EndedRun | null> {
  const status = complete ? `WorkflowType = 'backupInstance' AND ExecutionStatus = 'Completed'` : ended;
  const query = `${status} AND SqlInstance = '${quoted(instance)}' AND BackupKind = '${quoted(kind)}'`;
  for await (const info of client.workflow.list({ query, pageSize: 1 })) return endedRun(info);
  return null;
}

/** Of every instance and kind the newest that ended after a moment. */
export async function runsSince(client: Client, sinceMs: number): Promise<EndedRun[]> {
  const newest = new Map<string, EndedRun>();
  const query = `${ended} AND CloseTime > '${new Date(sinceMs).toISOString()}'`;
  for await (const info of client.workflow.list({ query, pageSize: 500 })) {
    const run = endedRun(info);
    if (run === null) continue;
    const key = JSON.stringify([run.instance, run.kind]);
    const before = newest.get(key);
    if (before === undefined || before.endedMs < run.endedMs) newest.set(key, run);
  }
  return [...newest.values()];
}

function endedRun(info: WorkflowExecutionInfo): EndedRun | null {
  const instance = info.typedSearchAttributes.get(SqlInstance);
  const kind = info.typedSearchAttributes.get(BackupKind);
  if (instance === undefined || kind === undefined || info.closeTime === undefined) return null;
  return {
    workflowId: info.workflowId,
    runId: info.runId,
    instance,
    kind,
    complete: info.status.name === 'COMPLETED',
    startedMs: info.startTime.getTime(),
    endedMs: info.closeTime.getTime(),
  };
}

/** What a run found out; null when it did not come so far, or was made by a version that did not say it. */
export async function standingOf(client: Client, run: EndedRun): Promise<InstanceStanding | null> {
  const result = await resultOf(client, run);
  const standing = result?.standing;
  if (result === null || standing === undefined) return null;
  const earliest = standing.earliestLatestRestorable;
  return {
    instance: run.instance,
    observedMs: Date.parse(standing.observedAt),
    databases: result.exposure.map(({ database, latestRestorable }) => ({
      database,
      latestRestorableMs: latestRestorable === null ? null : Date.parse(latestRestorable),
    })),
    counts: standing.counts,
    earliestLatestMs: earliest === null ? null : Date.parse(earliest),
    run: {
      kind: run.kind,
      finishedMs: run.endedMs,
      seconds: (run.endedMs - run.startedMs) / 1000,
      complete: run.complete,
    },
  };
}

/** A run that ends failed after all its steps carries its result in the failure. */
async function resultOf(client: Client, { workflowId, runId }: EndedRun): Promise<BackupResult | null> {
  try {
    return (await client.workflow.getHandle(workflowId, runId).result()) as BackupResult;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (!(cause instanceof ApplicationFailure) || cause.type !== 'BackupIncomplete') return null;
    return (cause.details?.[0] as BackupResult | undefined) ?? null;
  }
}

/** In the server's list filters a quote is doubled, as in SQL. */
function quoted(text: string): string {
  return text.replaceAll("'", "''");
}
