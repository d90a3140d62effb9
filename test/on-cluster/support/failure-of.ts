import assert from 'node:assert/strict';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, type TemporalFailure } from '@temporalio/common';

/** What a run failed with: the failure at the bottom of Temporal's envelopes. */
export async function failureOf(result: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await result.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof WorkflowFailedError, `not a failed run: ${String(error)}`);
  let cause = error.cause as TemporalFailure;
  while (!(cause instanceof ApplicationFailure) && cause.cause !== undefined) cause = cause.cause as TemporalFailure;
  assert.ok(cause instanceof ApplicationFailure, String(cause));
  return cause;
}

export async function assertCancelled(result: Promise<unknown>): Promise<void> {
  await assert.rejects(
    result,
    (error) => error instanceof WorkflowFailedError && error.cause?.name === 'CancelledFailure',
  );
}
