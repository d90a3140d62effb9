import type { Priority } from '@temporalio/common';
import { workflowInfo } from '@temporalio/workflow';

/** Temporal's default is 3, and 1 goes first. Somebody waits for a restore; the next backup run comes anyway. */
const restoreKey = 1;

/**
 * Where activities wait for a slot of a worker, those of restores are taken before those of backups. It is set here and not only
 * where runs are started, so that it holds for runs that are started from the Temporal UI; who starts one with a priority gets it.
 */
export function priorityHere(): Priority | undefined {
  const { workflowType, priority } = workflowInfo();
  if (priority?.priorityKey) return undefined;
  return workflowType === 'restoreToPointInTime' ? { priorityKey: restoreKey } : undefined;
}
