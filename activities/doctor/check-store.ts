import type { DoctorActivities } from '../../workflows/contracts.ts';
import { failures } from '../../workflows/domain/failures.ts';
import { fail, ok, warn, type Finding } from '../../workflows/domain/finding.ts';
import { megabytes } from '../../workflows/domain/words.ts';
import { taskControl, type ActivityDeps } from '../deps.ts';
import type { RootCheck } from '../executor/check-roots.ts';
import { failureType } from '../failure.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { backupStaging } from '../sql-server/paths.ts';

/** Lets the executor try both volumes, in a Job where executors are Jobs: so it also shows that Jobs run. */
export function checkStore(deps: ActivityDeps): DoctorActivities['checkStore'] {
  return ({ instance }) =>
    withHeartbeat(async (pulse) => {
      try {
        const input = { instance, staging: backupStaging };
        const { store, sql } = await deps.platform.run(instance, 'checkRoots', input, taskControl(pulse));
        return [
          ...rootFindings('store', 'The backup store', store),
          ...rootFindings('volume', "The instance's volume", sql),
        ];
      } catch (error) {
        const type = failureType(error);
        if (type === null) throw error;
        return [fail('store', (error as Error).message, failures[type].hint)];
      }
    });
}

const tight = 0.1;
const empty = 0.02;

export function rootFindings(check: string, name: string, { problem, freeBytes, totalBytes }: RootCheck): Finding[] {
  return [
    problem === null
      ? ok(`${check}.write`, `${name} can be written`)
      : fail(
          `${check}.write`,
          `${name} cannot be written (${problem})`,
          'Let the executor write there: on Kubernetes fsGroup 10001 of the volume, else the user of the worker.',
        ),
    spaceFinding(`${check}.space`, name, freeBytes, totalBytes),
  ];
}

function spaceFinding(check: string, name: string, free: number | null, total: number | null): Finding {
  if (free === null || total === null) {
    return warn(
      check,
      `${name} does not say how much space it has`,
      'Watch its size where it is kept: a full store stops backups.',
    );
  }
  const what = `${name} has ${megabytes(free)} of ${megabytes(total)} free`;
  const fix = 'Make it larger, or shorten retention. When it is full, backups wait and exposure grows.';
  if (free < total * empty) return fail(check, what, fix);
  return free < total * tight ? warn(check, what, fix) : ok(check, what);
}
