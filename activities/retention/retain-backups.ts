import type { RetentionActivities, RetentionOutcome } from '../../workflows/contracts.ts';
import { durationText } from '../../workflows/domain/schedule-duration.ts';
import { now, taskControl, type ActivityDeps } from '../deps.ts';
import { failure } from '../failure.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { openMetrics } from '../metrics.ts';

/** More would make the result too large a payload; the report in the store has them all. */
const mostBytes = 1_000_000;

/** Without a policy nothing is ever removed. */
export function retainBackups(deps: ActivityDeps): RetentionActivities['retainBackups'] {
  return ({ instance, ...input }) =>
    withHeartbeat(async (pulse) => {
      const policy = deps.settings.retention?.[instance];
      if (policy === undefined) {
        throw failure(
          'InvalidInput',
          `temporal.yaml has no retention for ${instance}, so its backups are kept for ever; write e.g. retention: { window: 14d }`,
        );
      }
      const nowMs = now(deps);
      const task = { instance, ...input, policy, nowMs };
      const control = taskControl(pulse, ({ file, doneBytes, totalBytes }) => {
        return { database: file, done: doneBytes, of: totalBytes };
      });
      const outcome = await deps.platform.runOnStore(instance, 'retain', task, control);
      if (input.mode === 'apply') {
        const removed = outcome.databases.map((each) => each.removed);
        openMetrics(deps).retained(instance, {
          sets: removed.reduce((sum, { sets }) => sum + sets, 0),
          bytes: removed.reduce((sum, { bytes }) => sum + bytes, 0),
        });
      }
      const from = new Date(nowMs - policy.windowMs).toISOString();
      const text = { window: durationText(policy.windowMs), from, minFulls: policy.minFulls };
      return { ...clipped(outcome), policy: text };
    });
}

/** Where there are too many databases for one payload, the numbers stay and the reasons go. */
function clipped(outcome: RetentionOutcome): RetentionOutcome {
  if (JSON.stringify(outcome).length <= mostBytes) return outcome;
  return { ...outcome, databases: outcome.databases.map((each) => ({ ...each, groups: [] })) };
}
