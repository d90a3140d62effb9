import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  NamespaceNotFoundError,
  ServiceError,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { failures, type FailureType } from '../workflows/domain/failures.ts';
import { commandName } from './command-name.ts';
import { exitCodes } from './exit-codes.ts';
import { Problem, wrongInput } from './problem.ts';
import { registerCommand, searchAttributes } from './search-attributes.ts';

/** Puts whatever the Temporal client throws into words; null for an error that is not of its making. */
export function temporalProblem(error: unknown): Problem | null {
  if (error instanceof WorkflowFailedError) return runProblem(error.cause);
  if (error instanceof WorkflowNotFoundError) {
    return wrongInput(
      `There is no run ${JSON.stringify(error.workflowId)} in this namespace.`,
      `See what there is with ${commandName} status.`,
    );
  }
  if (error instanceof NamespaceNotFoundError) {
    return wrongInput(
      `Temporal has no namespace ${JSON.stringify(error.namespace)}.`,
      'Set TEMPORAL_NAMESPACE, or create it with temporal operator namespace create.',
    );
  }
  return error instanceof ServiceError ? serviceProblem(error) : null;
}

/** Why a run ended without a result: the innermost cause, the outer ones only say where it passed through. */
export function runProblem(cause: unknown): Problem {
  const exitCode = exitCodes.failed;
  if ((cause instanceof ActivityFailure || cause instanceof ChildWorkflowFailure) && cause.cause) {
    return runProblem(cause.cause);
  }
  if (cause instanceof ApplicationFailure) {
    const type = cause.type ?? 'Error';
    const hint = Object.hasOwn(failures, type) ? failures[type as FailureType].hint : '';
    const whole = cause.message;
    const happened = hint !== '' && whole.endsWith(hint) ? whole.slice(0, -hint.length).trim() : whole;
    return new Problem({ type, happened, hint, exitCode });
  }
  if (cause instanceof CancelledFailure) {
    return new Problem({ type: 'Cancelled', happened: 'The run was cancelled.', exitCode });
  }
  if (cause instanceof TerminatedFailure) {
    return new Problem({
      type: 'Terminated',
      happened: 'The run was terminated: what it had begun was not cleaned up.',
      hint: 'Start it again; the next run takes up what is left. Use cancel rather than terminate.',
      exitCode,
    });
  }
  if (cause instanceof TimeoutFailure) {
    return new Problem({
      type: 'TimedOut',
      happened: `A time limit (${cause.timeoutType}) passed: ${cause.message}.`,
      hint: `See which step it was with ${commandName} status, and whether a worker is up.`,
      exitCode,
    });
  }
  const happened = cause instanceof Error ? cause.message : 'The run ended without saying why.';
  return new Problem({ type: 'Error', happened, exitCode });
}

/** The failure's data, when it is of a type that carries some (BackupIncomplete carries the run's result). */
export function failureDetails(error: unknown): readonly unknown[] {
  if (
    error instanceof WorkflowFailedError ||
    error instanceof ActivityFailure ||
    error instanceof ChildWorkflowFailure
  ) {
    return failureDetails(error.cause);
  }
  return error instanceof ApplicationFailure ? (error.details ?? []) : [];
}

function serviceProblem(error: ServiceError): Problem {
  const { details, code } = (error.cause ?? {}) as { details?: string; code?: number };
  const happened = `Temporal refused: ${details || error.message}.`;
  if (/search attribute/i.test(details ?? '')) {
    const command = registerCommand(searchAttributes, 'NAMESPACE');
    const hint = `Start a worker, which registers its search attributes, or run: ${command}`;
    return new Problem({ type: 'SearchAttributesMissing', happened, hint, exitCode: exitCodes.failed });
  }
  if (code === unavailable || code === deadlineExceeded) {
    return new Problem({
      type: 'TemporalUnreachable',
      happened: `Temporal stopped answering (${details || error.message}).`,
      hint: `What was started goes on when it is back; look with ${commandName} status.`,
      exitCode: exitCodes.temporalUnreachable,
    });
  }
  return new Problem({ type: 'TemporalRefused', happened, exitCode: exitCodes.failed });
}

/** gRPC status codes. */
const deadlineExceeded = 4;
const unavailable = 14;
