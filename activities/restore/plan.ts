import { Context } from '@temporalio/activity';
import type { Activities, RestorePlan, RestoreRef } from '../../workflows/contracts.ts';
import { fileToken } from '../../workflows/domain/move.ts';
import { checkRestoreRequest, issuesText } from '../../workflows/domain/request.ts';
import { now, taskControl, withServer, type ActivityDeps } from '../deps.ts';
import type { Holder } from '../executor/retention/tasks.ts';
import type { TaskControl } from '../executor/tasks.ts';
import { failure } from '../failure.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { serverFacts, type ServerFacts } from '../sql-server/facts.ts';
import { targetDatabases, type TargetDatabase } from '../sql-server/target-databases.ts';

/** Where a new instance keeps its files, in the official image (Configure SQL Server on Linux). */
const defaultPath = '/var/opt/mssql/data/';

/** Plans, and refuses what can be known beforehand: names, a time out of reach, databases in the way, a target too old. */
export function planRestore(deps: ActivityDeps): Activities['planRestore'] {
  return ({ request, requestedAt, ...ref }) =>
    withHeartbeat(async (pulse) => {
      const issues = checkRestoreRequest(request, now(deps));
      if (issues.length > 0) throw failure('InvalidInput', issuesText(issues), { details: [issues] });

      const target = await lookAtTarget(deps, ref);
      const control = taskControl(pulse);
      const { logsPerSlice, restoresAtOnce } = deps.settings.limits;
      const plan = await deps.platform.runOnStore(
        ref.source,
        'plan',
        {
          request,
          restoreId: ref.restoreId,
          ...(request.mode !== 'plan' && { holder: thisWorkflow() }),
          requestedAt,
          logsPerSlice,
          parallel: restoresAtOnce,
          targetDataPath: target?.facts.dataPath ?? defaultPath,
          targetLogPath: target?.facts.logPath ?? defaultPath,
        },
        control,
      );
      if (target !== null) {
        refuseTaken(ref, plan, target.databases);
        await refuseOlder(deps, ref, plan, target.facts, control);
      }
      return plan;
    });
}

/** Its backups are leased for as long as it runs. */
function thisWorkflow(): Holder {
  const { workflowNamespace, namespace, workflowExecution } = Context.current().info;
  return {
    namespace: workflowNamespace ?? namespace,
    workflowId: workflowExecution?.workflowId ?? '',
    runId: workflowExecution?.runId ?? '',
  };
}

interface Target {
  readonly facts: ServerFacts;
  readonly databases: readonly TargetDatabase[];
}

/** Null when the target has yet to be made. */
async function lookAtTarget(deps: ActivityDeps, ref: RestoreRef): Promise<Target | null> {
  if (await deps.platform.exists(ref.target)) {
    return withServer(deps, ref.target, { session: `plan ${ref.restoreId}` }, async (connection) => ({
      facts: await serverFacts(connection),
      databases: await targetDatabases(connection, fileToken(ref.restoreId)),
    }));
  }
  const source = deps.settings.instances[ref.source];
  if (source?.platform === 'local' && source.newInstance === undefined) {
    throw failure(
      'UnknownInstance',
      `The target ${ref.target} does not exist, and temporal.yaml does not say how to make an instance beside ${ref.source} (newInstance)`,
    );
  }
  return null;
}

/** Never in place, never over a database that is there; what this very restore left there is its own. */
function refuseTaken({ target }: RestoreRef, plan: RestorePlan, there: readonly TargetDatabase[]): void {
  const taken = new Set(there.filter((database) => !database.owned).map((database) => database.name.toLowerCase()));
  const inTheWay = plan.databases
    .map((database) => database.targetDatabase)
    .filter((name) => taken.has(name.toLowerCase()));
  if (inTheWay.length > 0) {
    throw failure('TargetDatabaseExists', `${target} already has ${inTheWay.join(', ')}`, { details: [inTheWay] });
  }
}

/** 3169. An instance only ever moves to newer versions, so its newest base speaks for all. */
async function refuseOlder(
  deps: ActivityDeps,
  ref: RestoreRef,
  { databases, planPath, planDigest }: RestorePlan,
  target: ServerFacts,
  control: TaskControl,
): Promise<void> {
  const [newest] = [...databases].sort((a, b) => (a.base.startedAt < b.base.startedAt ? 1 : -1));
  if (newest === undefined) return;
  const { database } = newest;
  const slice = { planPath, planDigest, database, from: 0, to: 1 };
  const { steps } = await deps.platform.runOnStore(ref.source, 'readPlan', slice, control);
  const version = steps[0]?.set.softwareMajorVersion ?? 0;
  if (version > target.majorVersion) {
    throw failure(
      'InvalidInput',
      `${database} was backed up on SQL Server version ${version}, and ${ref.target} runs version ${target.majorVersion}, which cannot read it; restore to an instance of version ${version} or later`,
    );
  }
}
