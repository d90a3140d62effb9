import type { StepsInput } from '../../workflows/contracts.ts';
import type { RestoreStep } from '../../workflows/domain/plan-types.ts';
import type { ActivityDeps } from '../deps.ts';
import type { Pulse } from '../heartbeat.ts';
import type { SqlConnection } from '../sql-server/connection.ts';
import type { PlanSlice } from './plan-reader.ts';

/** One database on its way through one slice of its plan. The session holds the lock on it. */
export interface DatabaseRestore {
  readonly deps: ActivityDeps;
  readonly input: StepsInput;
  /** The slice [input.from, input.to). */
  readonly plan: PlanSlice;
  readonly base: RestoreStep;
  readonly session: SqlConnection;
  /** Carried by the name of every file that this restore makes. */
  readonly token: string;
  readonly dataPath: string;
  readonly logPath: string;
  readonly pulse: Pulse;
}
