import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure, type MetricMeter } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';

/** Counts attempts that failed, by activity and type of failure: retries heal most of them, and none stands in a result. */
export function countFailures(meter: MetricMeter): ActivityInboundCallsInterceptor {
  const counter = meter.createCounter(
    'mssql_pitr_activity_failures',
    undefined,
    'Attempts of activities that failed, by type of failure; a later attempt may have succeeded',
  );
  counter.add(0);
  return {
    async execute(input, next) {
      try {
        return await next(input);
      } catch (error) {
        if (!(error instanceof CancelledFailure)) {
          counter.add(1, { activity: activityInfo().activityType, type: typeOf(error) });
        }
        throw error;
      }
    },
  };
}

/** The vocabulary of failures is closed; whatever is not in it is a defect. */
function typeOf(error: unknown): string {
  return error instanceof ApplicationFailure && typeof error.type === 'string' ? error.type : 'Defect';
}
