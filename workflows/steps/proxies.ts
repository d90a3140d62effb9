import { proxyActivities, type ActivityFunctionWithOptions, type ActivityOptions } from '@temporalio/workflow';
import type {
  Activities,
  CatalogueActivities,
  ImportActivities,
  VerifyActivities,
  RehearsalActivities,
  RetentionActivities,
} from '../contracts.ts';
import { priorityHere } from './priority.ts';

type Port = Activities &
  CatalogueActivities &
  ImportActivities &
  VerifyActivities &
  RehearsalActivities &
  RetentionActivities;

/**
 * Two classes of work. Both heartbeat: a worker that dies is noticed after heartbeatTimeout, not after hours. Retries
 * cost no history, so they go on while what they need (SQL Server, the store) is away; scheduleToClose bounds them.
 */
const quick: ActivityOptions = {
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '1 hour',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '15 seconds' },
};

const long: ActivityOptions = {
  startToCloseTimeout: '24 hours',
  scheduleToCloseTimeout: '48 hours',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
};

const proxies = { quick: proxyActivities<Port>(quick), long: proxyActivities<Port>(long) };

type Call<A extends keyof Port> = ActivityFunctionWithOptions<Port[A]>;

/**
 * Runs one activity, with a line that says what it does for the Temporal UI.
 * @param summary at most 200 bytes
 */
export function quickly<A extends keyof Port>(
  activity: A,
  summary: string,
  ...input: Parameters<Port[A]>
): Promise<Awaited<ReturnType<Port[A]>>> {
  return (proxies.quick[activity] as Call<A>).executeWithOptions(options(summary), input);
}

/** As {@link quickly}, for work that may take hours. */
export function patiently<A extends keyof Port>(
  activity: A,
  summary: string,
  ...input: Parameters<Port[A]>
): Promise<Awaited<ReturnType<Port[A]>>> {
  return (proxies.long[activity] as Call<A>).executeWithOptions(options(summary), input);
}

function options(summary: string): ActivityOptions {
  const priority = priorityHere();
  return { summary: clip(summary), ...(priority && { priority }) };
}

function clip(summary: string): string {
  return summary.length <= 60 ? summary : `${summary.slice(0, 59)}…`;
}
