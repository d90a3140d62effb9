import type { FailureType } from '../../../../workflows/domain/failures.ts';
import { failure } from '../../../failure.ts';
import { ApiError, mayPass, type Asked } from './api-error.ts';

/** What an error of the Kubernetes API means for a run. Errors of other kinds stay what they are. */
export function clusterFailure(error: unknown): unknown {
  if (!(error instanceof ApiError)) return error;
  const [type, happened] = meaning(error);
  const wait = type === 'ClusterUnavailable' && error.retryAfterMs !== null;
  return failure(type, happened, wait ? { nextRetryDelay: error.retryAfterMs } : {});
}

function meaning(error: ApiError): readonly [FailureType, string] {
  const { status, reason, message, asked } = error;
  const what = describe(asked);
  if (status === null) return ['ClusterUnavailable', `Cannot ${what}: ${message} (${reason})`];
  if (status === 401)
    return ['PermissionDenied', `Cannot ${what}: the API does not accept the worker's token or certificate`];
  if (status === 403 && isMissingRight(message)) return ['PermissionDenied', `The worker has no right to ${what}`];
  if (mayPass(error)) return ['ClusterUnavailable', `Cannot ${what}: ${message} (${status})`];
  // Another client changed the object, or it is being removed: the next attempt sees how it ended.
  if (status === 409) return ['ClusterUnavailable', `Cannot ${what} now: ${message}`];
  return ['ClusterRefused', `Cannot ${what}: ${message}`];
}

/** Quotas and admission refuse with 403 too, and then no Role helps. */
function isMissingRight(message: string): boolean {
  return / cannot \S+ resource /.test(message);
}

function describe({ verb, resource, namespace, name }: Asked): string {
  return `${verb} ${resource}${name === undefined ? '' : ` ${name}`} in the namespace ${namespace}`;
}

/** Runs work on the API and translates what it throws. */
export async function onCluster<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw clusterFailure(error);
  }
}
