import { randomUUID } from 'node:crypto';
import type { Workflow, WorkflowResultType } from '@temporalio/client';
import type { SearchAttributePair } from '@temporalio/common';
import type { Session } from './session.ts';
import { start } from './start.ts';

interface Question<W extends Workflow> {
  /** Name of the workflow function: its type. */
  readonly type: string;
  readonly workflowId: string;
  readonly args: Parameters<W>;
  readonly taskQueue: string;
  readonly summary: string;
  /** Markdown for the Temporal UI; that it changes nothing when absent. */
  readonly details?: string;
  readonly attributes: SearchAttributePair[];
}

/** Runs a workflow that is soon done, and waits for its answer. The store is where the worker is, not here. */
export async function ask<W extends Workflow>(session: Session, question: Question<W>): Promise<WorkflowResultType<W>> {
  const { handle } = await start<W>(session, {
    details: 'Asked on the command line. It changes nothing.',
    ...question,
    idMayReturn: false,
  });
  return (await handle.result()) as WorkflowResultType<W>;
}

/** Ids of questions are used once. */
export function questionId(): string {
  return `${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}-${randomUUID().slice(0, 8)}`;
}
