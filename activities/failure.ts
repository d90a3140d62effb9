import { ApplicationFailure } from '@temporalio/common';
import { failures, failureText, type FailureType } from '../workflows/domain/failures.ts';

interface FailureExtra {
  readonly cause?: Error;
  /** Small typed data for callers. */
  readonly details?: readonly unknown[];
  /** The server said how long to wait. */
  readonly nextRetryDelay?: number;
}

/**
 * The only kind of error that leaves an activity: one of the closed vocabulary, with what happened and what to do next.
 * It is kept in the workflow's history as plain text, so neither `happened` nor the cause may hold a secret.
 */
export function failure(type: FailureType, happened: string, extra: FailureExtra = {}): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message: failureText(type, happened),
    nonRetryable: !failures[type].retryable,
    ...(extra.cause === undefined ? {} : { cause: extra.cause }),
    ...(extra.details === undefined ? {} : { details: [...extra.details] }),
    ...(extra.nextRetryDelay === undefined ? {} : { nextRetryDelay: extra.nextRetryDelay }),
  });
}

/** The type of a failure of ours; null for any other error. */
export function failureType(error: unknown): FailureType | null {
  if (!(error instanceof ApplicationFailure) || typeof error.type !== 'string') return null;
  return Object.hasOwn(failures, error.type) ? (error.type as FailureType) : null;
}
