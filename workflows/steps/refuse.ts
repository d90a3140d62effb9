import { ApplicationFailure } from '@temporalio/workflow';
import { failureText, failures, type FailureType } from '../domain/failures.ts';
import { issuesText, type Issue } from '../domain/request.ts';

/** Ends the workflow with one of the known failures. */
export function fail(type: FailureType, happened: string, details: readonly unknown[] = []): never {
  throw ApplicationFailure.create({
    type,
    message: failureText(type, happened),
    nonRetryable: !failures[type].retryable,
    details: [...details],
  });
}

/** Refuses a wrong input before anything is done. */
export function refuseIfWrong(issues: readonly Issue[]): void {
  if (issues.length > 0) fail('InvalidInput', issuesText(issues), [issues]);
}
