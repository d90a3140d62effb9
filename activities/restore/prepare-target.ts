import type { Activities } from '../../workflows/contracts.ts';
import { now, taskControl, type ActivityDeps } from '../deps.ts';
import { failure, failureType } from '../failure.ts';
import { pause, withHeartbeat, type Pulse } from '../heartbeat.ts';
import type { SqlEndpoint } from '../platform/platform.ts';
import { connect } from '../sql-server/connection.ts';
import { query } from '../sql-server/query.ts';

/** A first start upgrades and recovers the system databases. */
const patienceMs = 10 * 60_000;
/** A server on its first start may not know its password yet; later a refused login is a refused login. */
const loginPatienceMs = 60_000;

/** Makes the target where it does not exist, and waits until it works. */
export function prepareTarget(deps: ActivityDeps): Activities['prepareTarget'] {
  return ({ target, source, restoreId }) =>
    withHeartbeat(async (pulse) => {
      pulse.report({ preparing: target });
      const { created } = await deps.platform.createTarget(target, source, restoreId, taskControl(pulse));
      const endpoint = await deps.platform.endpoint(target);
      await untilReady(deps, { target, created, endpoint, session: `prepare ${restoreId}` }, pulse);
      return { created, address: `${endpoint.host}:${endpoint.port}` };
    });
}

interface Waiting {
  readonly target: string;
  readonly created: boolean;
  readonly endpoint: SqlEndpoint;
  readonly session: string;
}

async function untilReady(deps: ActivityDeps, waiting: Waiting, pulse: Pulse): Promise<void> {
  const began = now(deps);
  for (;;) {
    const missing = await whatIsMissing(waiting);
    if (missing === null) return;
    const waited = now(deps) - began;
    if (missing.fatal(waited) || waited > patienceMs) {
      throw failure('TargetFailed', `${waiting.target} takes no work: ${missing.reason}`);
    }
    pulse.report({ waitingFor: waiting.target, seconds: Math.round(waited / 1000), because: missing.reason });
    await pause(Math.min(500 + waited / 10, 5_000), pulse.signal);
  }
}

/** sys.databases (Transact-SQL): the four system databases that a working server has. */
const readSystemDatabases = query<{ readonly name: string; readonly state: string }>(
  'Read sys.databases',
  `SELECT name, state_desc AS state FROM sys.databases WHERE name IN ('master', 'model', 'msdb', 'tempdb')`,
);

interface Missing {
  readonly reason: string;
  fatal(waitedMs: number): boolean;
}

async function whatIsMissing({ endpoint, session, created }: Waiting): Promise<Missing | null> {
  try {
    const connection = await connect(endpoint, { session });
    try {
      const databases = await connection.rows(readSystemDatabases, {});
      const down = databases.filter((database) => database.state !== 'ONLINE');
      if (databases.length === 4 && down.length === 0) return null;
      const reason = down.map((database) => `${database.name} is ${database.state}`).join(', ');
      return { reason: reason || 'its system databases are not there', fatal: () => false };
    } finally {
      await connection.close().catch(() => undefined);
    }
  } catch (error) {
    const type = failureType(error);
    if (type === null) throw error;
    const reason = (error as Error).message;
    if (type === 'ServerUnavailable') return { reason, fatal: () => false };
    return { reason, fatal: (waited) => type !== 'LoginFailed' || !created || waited > loginPatienceMs };
  }
}
