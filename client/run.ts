import type { Client, WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Progress } from '../workflows/domain/runbook.ts';
import { progressQuery } from '../workflows/messages.ts';

/** A run as it stands: what the server knows of it, and what it says of itself. */
export interface RunSnapshot {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  /** RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED, CONTINUED_AS_NEW, TIMED_OUT */
  readonly state: string;
  readonly startedAt: string;
  readonly closedAt: string | null;
  readonly summary: string;
  /** Null when no worker answers. */
  readonly progress: Progress | null;
  readonly activities: readonly PendingActivity[];
  readonly children: readonly string[];
}

export interface PendingActivity {
  readonly name: string;
  readonly attempt: number;
  /** What it said last of its progress. */
  readonly heartbeat: unknown;
  /** Why the attempt before failed; empty when there was none. */
  readonly lastFailure: string;
}

/** A query needs a worker; the command must not hang when there is none. */
const queryDeadlineMs = 3_000;

export async function readRun(client: Client, handle: WorkflowHandle): Promise<RunSnapshot> {
  const [description, progress] = await Promise.all([handle.describe(), readProgress(client, handle)]);
  const { pendingActivities, pendingChildren } = description.raw;
  return {
    workflowId: description.workflowId,
    runId: description.runId,
    workflowType: description.type,
    state: description.status.name,
    startedAt: description.startTime.toISOString(),
    closedAt: description.closeTime?.toISOString() ?? null,
    summary: (await description.staticSummary()) ?? '',
    progress,
    activities: (pendingActivities ?? []).map((activity) => ({
      name: activity.activityType?.name ?? '',
      attempt: activity.attempt ?? 1,
      heartbeat: decode(activity.heartbeatDetails?.payloads?.[0]),
      lastFailure: activity.lastFailure?.message ?? '',
    })),
    children: (pendingChildren ?? []).map((child) => child.workflowId ?? ''),
  };
}

async function readProgress(client: Client, handle: WorkflowHandle): Promise<Progress | null> {
  try {
    return await client.withDeadline(Date.now() + queryDeadlineMs, () => handle.query(progressQuery));
  } catch {
    // No worker is up, or the run has not come so far that it answers: its state is still known from the server.
    return null;
  }
}

function decode(payload: Parameters<typeof defaultPayloadConverter.fromPayload>[0] | undefined): unknown {
  return payload ? defaultPayloadConverter.fromPayload(payload) : null;
}
